-- id: I-44
-- title: Search blocked together with training
-- question: What does the opt-out cost?
-- definition: The site keeps every agent from its root, search engines too, or keeps out an
--   operator's search agent with its training agent.
-- numerator: sites that also keep the search agent out
-- denominator: sites that keep the training agent out
-- unit: site
-- kind: share
-- missing: none
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
       sum(c.sites * (coalesce(b.root, other.root) = 'disallowed')) AS k, sum(c.sites) AS n
FROM cells c CROSS JOIN ids i
JOIN robots_access other ON other.policy_id = c.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access a ON a.policy_id = c.policy_id AND a.reader = 'rfc9309'
  AND a.agent_id = i.training_id
LEFT JOIN robots_access b ON b.policy_id = c.policy_id AND b.reader = 'rfc9309'
  AND b.agent_id = i.search_id
WHERE coalesce(a.root, other.root) = 'disallowed'
  AND coalesce(b.root, other.root) <> 'unmeasured'
GROUP BY 1, 2, 3, 4
