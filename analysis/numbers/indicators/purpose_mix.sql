-- id: I-20
-- title: Training blocked, search allowed, and the reverse
-- question: Can creators refuse training and stay findable?
-- definition: For an operator with one agent for training and one for search: what becomes of the
--   other agent when one is blocked.
-- numerator: sites where the second agent of the pair is allowed
-- denominator: sites where the first agent of the pair is blocked
-- unit: site
-- kind: share
-- missing: none
-- primary: GPTBot>OAI-SearchBot
-- keys: *>* = {} blocked, {} allowed
-- caveat: The key names the pair: `GPTBot>OAI-SearchBot` counts sites that keep GPTBot out and let
--   OAI-SearchBot in; the reverse pair is likely a mistake.
-- literature: BuzzStream 2026: 71 % of the blockers also block retrieval (secondary source)
WITH pairs (blocked, open) AS (
  VALUES ('GPTBot', 'OAI-SearchBot'), ('OAI-SearchBot', 'GPTBot'),
         ('ClaudeBot', 'Claude-SearchBot'), ('Claude-SearchBot', 'ClaudeBot'),
         ('Google-Extended', 'Googlebot'), ('Applebot-Extended', 'Applebot')
),
ids AS (
  SELECT p.blocked || '>' || p.open AS key, a.agent_id AS blocked_id, b.agent_id AS open_id
  FROM this_wave w JOIN pairs p
  JOIN agents a ON a.ruleset = w.ruleset AND a.token = p.blocked
  JOIN agents b ON b.ruleset = w.ruleset AND b.token = p.open
)
SELECT c.stratum, c.weight, c.cluster, i.key,
       sum(c.sites * (b.state = 'allowed')) AS k, sum(c.sites) AS n
FROM cells c CROSS JOIN ids i
JOIN root_access a ON a.policy_id = c.policy_id AND a.agent_id = i.blocked_id
JOIN root_access b ON b.policy_id = c.policy_id AND b.agent_id = i.open_id
WHERE a.state = 'disallowed' AND b.state <> 'unmeasured'
GROUP BY 1, 2, 3, 4
