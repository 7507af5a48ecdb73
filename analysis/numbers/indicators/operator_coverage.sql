-- id: I-13
-- title: Share of the training operators that a blocking site reaches
-- question: Do opt-outs reach everyone?
-- definition: Of all operators with an agent that trains models, the share of whom a site keeps at
--   least one such agent from the root.
-- numerator: operators with a training agent that is blocked
-- denominator: operators with a training agent
-- unit: site that keeps a training agent out by name
-- kind: distribution
-- missing: none
-- caveat: Agents of the registry at the ruleset, also rare ones. The value is the share of
--   operators.
-- literature: median 0.5 (1,293 German sites, August 2025), 0.8 (news, June 2026), 0.7 (a list of
--   176, January 2026), of 10 operators (computed from published data)
WITH operators AS (SELECT count(DISTINCT operator) AS total FROM trainers),
reached AS (
  SELECT t.policy_id,
         CASE WHEN t.others = 'disallowed'
           THEN o.total - (
             SELECT count(*) FROM (
               SELECT a.operator FROM trainers a
               LEFT JOIN robots_access x ON x.policy_id = t.policy_id AND x.reader = 'rfc9309'
                 AND x.agent_id = a.agent_id
               GROUP BY 1 HAVING sum(coalesce(x.root, 'disallowed') = 'disallowed') = 0))
           ELSE (
             SELECT count(DISTINCT a.operator) FROM robots_access x
             JOIN trainers a USING (agent_id)
             WHERE x.policy_id = t.policy_id AND x.reader = 'rfc9309' AND x.root = 'disallowed')
         END AS operators, o.total
  FROM training t CROSS JOIN operators o
  WHERE t.named_blocked > 0 AND t.known
)
SELECT c.stratum, c.weight, c.cluster, '' AS key, 1.0 * r.operators / r.total AS value,
       sum(c.sites) AS n
FROM cells c JOIN reached r USING (policy_id)
GROUP BY 1, 2, 3, 4, 5
