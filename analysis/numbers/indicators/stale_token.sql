-- id: I-17
-- title: Retired names blocked without their successors
-- question: Do opt-outs grow old?
-- definition: A group of its own keeps a retired name from the root, while the name that replaced
--   it may fetch it.
-- numerator: sites that leave the successor in
-- denominator: sites that block the retired name by its own group
-- unit: site
-- kind: share
-- missing: none
-- caveat: The key is the retired name. A site that blocks both is kept up; the retired line does
--   no harm.
-- literature: anthropic-ai blocked and ClaudeBot open: 19 of 1,293, 9 of 176, 2 of 95 sites
--   (computed from published data)
WITH pairs AS (
  SELECT old.agent_id AS old_id, old.token AS old_token, new.agent_id AS new_id
  FROM this_wave w
  JOIN agents old ON old.ruleset = w.ruleset AND old.superseded_by IS NOT NULL
  JOIN agents new ON new.ruleset = w.ruleset AND new.token = old.superseded_by
)
SELECT c.stratum, c.weight, c.cluster, p.old_token AS key,
       sum(c.sites * (coalesce(new.root, other.root) = 'allowed')) AS k, sum(c.sites) AS n
FROM cells c CROSS JOIN pairs p
JOIN robots_access old ON old.policy_id = c.policy_id AND old.reader = 'rfc9309'
  AND old.agent_id = p.old_id AND old.basis = 'own' AND old.root = 'disallowed'
JOIN robots_access other ON other.policy_id = c.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access new ON new.policy_id = c.policy_id AND new.reader = 'rfc9309'
  AND new.agent_id = p.new_id
WHERE coalesce(new.root, other.root) <> 'unmeasured'
GROUP BY 1, 2, 3, 4
