-- id: I-44
-- title: Search blocked together with training
-- question: What does the opt-out cost?
-- definition: The site keeps every agent from its root, search engines too, or blocks an
--   operator's search agent with its training agent.
-- numerator: sites that also keep the search agent out
-- denominator: sites that keep the training agent out
-- unit: site
-- kind: share
-- missing: none
-- primary: OAI-SearchBot
-- keys: * = {} blocked too
-- caveat: The key is the search agent. Traffic and income are not measured.
-- literature: Zhao and Berman: traffic 7 % lower after blocking (secondary source, unverified)
WITH pairs (training, search) AS (
  VALUES ('GPTBot', 'OAI-SearchBot'), ('ClaudeBot', 'Claude-SearchBot'),
         ('Google-Extended', 'Googlebot'), ('Applebot-Extended', 'Applebot')
),
ids AS (
  SELECT p.search AS key, a.agent_id AS training_id, b.agent_id AS search_id
  FROM this_wave w JOIN pairs p
  JOIN agents a ON a.ruleset = w.ruleset AND a.token = p.training
  JOIN agents b ON b.ruleset = w.ruleset AND b.token = p.search
)
SELECT c.stratum, c.weight, c.cluster, i.key,
       sum(c.sites * (b.state = 'disallowed')) AS k, sum(c.sites) AS n
FROM cells c CROSS JOIN ids i
JOIN root_access a ON a.policy_id = c.policy_id AND a.agent_id = i.training_id
JOIN root_access b ON b.policy_id = c.policy_id AND b.agent_id = i.search_id
WHERE a.state = 'disallowed' AND b.state <> 'unmeasured'
GROUP BY 1, 2, 3, 4
