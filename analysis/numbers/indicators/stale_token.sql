-- id: I-17
-- title: Retired names blocked without their successors
-- question: Do opt-outs grow old?
-- definition: A group of its own keeps a name from the root that its operator gave up, while the name
--   that replaced it may fetch it.
-- numerator: sites that leave the successor in
-- denominator: sites that block the retired name by its own group
-- unit: site
-- kind: share
-- missing: none
-- primary: any
-- keys: any = any retired name whose successor trains models; * = the retired name {}
-- caveat: The file does what it says, so it is no failed attempt. A site that blocks both is kept up;
--   the retired line does no harm. Other spellings of a name in use are not retired names.
-- literature: anthropic-ai blocked and ClaudeBot open: 19 of 1,293, 9 of 176, 2 of 95 sites
--   (computed from published data)
WITH pairs AS (
  SELECT old.agent_id AS old_id, old.token, new.agent_id AS new_id,
         new.agent_id IN (SELECT agent_id FROM trainers) AS trains
  FROM this_wave w
  JOIN agents old ON old.ruleset = w.ruleset
    AND (old.status IS 'deprecated' OR old.retired IS NOT NULL)
  JOIN agents new ON new.ruleset = w.ruleset AND new.token = old.superseded_by
),
blocked AS (
  SELECT p.policy_id, q.token, q.trains, n.state = 'allowed' AS leaves
  FROM (SELECT DISTINCT policy_id FROM cells) p CROSS JOIN pairs q
  JOIN robots_access o ON o.policy_id = p.policy_id AND o.reader = 'rfc9309'
    AND o.agent_id = q.old_id AND o.basis = 'own' AND o.root = 'disallowed'
  JOIN root_access n ON n.policy_id = p.policy_id AND n.agent_id = q.new_id
    AND n.state <> 'unmeasured'
),
keyed AS (
  SELECT policy_id, token AS key, leaves FROM blocked
  UNION ALL
  SELECT policy_id, 'any', max(leaves) FROM blocked WHERE trains GROUP BY 1
)
SELECT c.stratum, c.weight, c.cluster, x.key, sum(c.sites * x.leaves) AS k, sum(c.sites) AS n
FROM cells c JOIN keyed x USING (policy_id)
GROUP BY 1, 2, 3, 4
