-- id: I-74
-- title: Mechanisms that a refusing site would have to add or complete
-- question: How many things must a creator set up?
-- definition: The smallest number of families of signals which, added or completed, make a refusal
--   of training reach every operator that documents reading any, as each documents it.
--   `sure` counts what an operator documents wholly, and what the site says surely; `possible` also
--   what is read in part, and what the site says in part.
-- numerator: families to add or complete, the fewest that do
-- denominator: sites whose visit was complete and that refuse training
-- unit: site that refuses training
-- kind: distribution
-- missing: none
-- primary: sure
-- keys: sure = for everybody who documents a family wholly; possible = for everybody who documents
--   one wholly or in part; *: sure = {}: for everybody who documents a family wholly; *: possible =
--   {}: for everybody who documents one wholly or in part
-- caveat: The key has the kind of creator before it. A family may itself ask for many lines: robots
--   counts as one, whatever the number of names. An operator that documents nothing is in no count:
--   no mechanism reaches it. At most 62 operators can be told apart.
-- literature: none published
WITH RECURSIVE readers AS MATERIALIZED (
  SELECT h.family, h.operator, q.column1 AS key
  FROM this_wave w
  JOIN honours h ON h.ruleset = w.ruleset
  JOIN (VALUES ('sure', 'documented'), ('possible', 'documented'), ('possible', 'partly')) q
    ON q.column2 = h.honours
  WHERE h.operator IN (SELECT operator FROM reachable)
    AND h.family NOT IN ('snippets', 'data-nosnippet', 'prose')  -- on answers, or not for machines
    AND (h.family <> 'robots' OR h.operator IN (SELECT operator FROM trainers))
),
bits AS MATERIALIZED (
  SELECT key, operator, 1 << (row_number() OVER (PARTITION BY key ORDER BY operator) - 1) AS bit
  FROM (SELECT DISTINCT key, operator FROM readers)
),
everybody AS (SELECT key, sum(bit) AS mask FROM bits GROUP BY 1),
families AS MATERIALIZED (
  SELECT key, sum(bit) AS mask, row_number() OVER (PARTITION BY key ORDER BY family) AS number
  FROM readers JOIN bits USING (key, operator) GROUP BY key, family
),
-- Every set of families: what it reaches, and how many they are.
sets (key, mask, size, last) AS (
  SELECT key, 0, 0, 0 FROM everybody
  UNION ALL
  SELECT s.key, s.mask | f.mask, s.size + 1, f.number
  FROM sets s JOIN families f ON f.key = s.key AND f.number > s.last
),
fewest AS MATERIALIZED (SELECT key, mask, min(size) AS size FROM sets GROUP BY 1, 2),
reached AS (
  SELECT r.visit_id, b.operator, b.sure FROM refusing r JOIN robots_reach b USING (policy_id)
  UNION ALL
  SELECT r.visit_id, b.operator, b.sure FROM refusing r JOIN said_reach b USING (visit_id)
),
best AS (SELECT visit_id, operator, max(sure) AS sure FROM reached GROUP BY 1, 2),
there AS MATERIALIZED (
  SELECT b.visit_id, t.key, sum(t.bit) AS mask FROM best b JOIN bits t USING (operator)
  WHERE b.sure OR t.key = 'possible' GROUP BY 1, 2
),
needed AS MATERIALIZED (
  SELECT p.key, p.mask, min(f.size) AS size
  FROM (SELECT DISTINCT key, mask FROM there UNION SELECT key, 0 FROM everybody) p
  JOIN everybody e USING (key)
  JOIN fewest f ON f.key = p.key AND f.mask | p.mask = e.mask
  GROUP BY 1, 2
)
SELECT r.stratum, r.weight, r.cluster, p.creators || e.key AS key, 1.0 * n.size AS value,
       count(*) AS n
FROM refusing r CROSS JOIN everybody e
JOIN (SELECT w.panel_id, site_id, '' AS creators FROM this_wave w JOIN panel_sites USING (panel_id)
      UNION ALL
      SELECT w.panel_id, site_id, creator_type || ': ' FROM this_wave w
      JOIN panel_sites USING (panel_id) WHERE creator_type IS NOT NULL) p
  ON p.site_id = r.site_id
LEFT JOIN there t ON t.visit_id = r.visit_id AND t.key = e.key
JOIN needed n ON n.key = e.key AND n.mask = coalesce(t.mask, 0)
GROUP BY 1, 2, 3, 4, 5
