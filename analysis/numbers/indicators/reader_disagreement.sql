-- id: I-33
-- title: Opt-outs that depend on who reads them
-- question: Do parsers agree on what a file says?
-- definition: Of the three readers (RFC 9309, Google's, Protego's) at least two differ on whether
--   an agent of the panel of twelve may fetch the root.
-- numerator: sites where two readers differ
-- denominator: sites whose robots.txt has rules and came whole
-- unit: site
-- kind: share
-- missing: none
-- primary: any
-- keys: any = on any agent; * = on {}
-- caveat: The key is the agent, or `any`.
-- literature: Protego passes 380 of 400 cases of Google's own tests (secondary source); no rate
--   over sites is published
WITH split AS (
  SELECT p.policy_id, a.token
  FROM (SELECT DISTINCT policy_id FROM cells) p
  CROSS JOIN panel_agents a
  JOIN robots_access other ON other.policy_id = p.policy_id AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = other.reader
    AND own.agent_id = a.agent_id
  GROUP BY 1, 2
  HAVING count(DISTINCT nullif(coalesce(own.root, other.root), 'unmeasured')) > 1
),
keyed AS (
  SELECT policy_id, token AS key FROM split UNION SELECT policy_id, 'any' FROM split
),
ruled AS (
  SELECT stratum, weight, cluster, policy_id, count(*) AS sites
  FROM units WHERE observed AND NOT cut AND robots_state = 'rules'
  GROUP BY 1, 2, 3, 4
)
SELECT c.stratum, c.weight, c.cluster, q.key,
       sum(c.sites * (x.policy_id IS NOT NULL)) AS k, sum(c.sites) AS n
FROM ruled c CROSS JOIN (SELECT token AS key FROM panel_agents UNION SELECT 'any') q
LEFT JOIN keyed x ON x.policy_id = c.policy_id AND x.key = q.key
GROUP BY 1, 2, 3, 4
