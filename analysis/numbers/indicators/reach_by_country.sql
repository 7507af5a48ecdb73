-- id: I-73
-- title: Operators that a refusal reaches by their own documentation, by country
-- question: Whom does an opt-out not reach?
-- definition: Of the operators of a country that a refusal of training should reach, those that it
--   surely, or possibly, reaches by their own documentation.
-- numerator: operators that are reached
-- denominator: operators of the country, once for each site that refuses training
-- unit: operator of a site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: unknown sure = operators of no known country, surely reached; unknown possible = operators
--   of no known country, surely or possibly reached; * sure = operators in {}, surely reached;
--   * possible = operators in {}, surely or possibly reached;
--   *: unknown sure = {}: operators of no known country, surely reached; *: unknown possible = {}:
--   operators of no known country, surely or possibly reached; *: * sure = {}: operators in {},
--   surely reached; *: * possible = {}: operators in {}, surely or possibly reached
-- caveat: The key is the seat of the operator, with the kind of creator before it. As for I-71.
-- literature: none published
WITH seated AS MATERIALIZED (
  SELECT o.operator, coalesce(max(a.country), 'unknown') AS country
  FROM this_wave w JOIN reachable o
  LEFT JOIN agents a ON a.ruleset = w.ruleset AND a.operator = o.operator
  GROUP BY 1
),
seats AS (SELECT country, count(*) AS operators FROM seated GROUP BY 1),
reached AS (
  SELECT r.visit_id, b.operator, b.sure FROM refusing r JOIN robots_reach b USING (policy_id)
  UNION ALL
  SELECT r.visit_id, b.operator, b.sure FROM refusing r JOIN said_reach b USING (visit_id)
),
best AS (SELECT visit_id, operator, max(sure) AS sure FROM reached GROUP BY 1, 2),
counted AS MATERIALIZED (
  SELECT b.visit_id, s.country, sum(b.sure) AS sure, count(*) AS possible
  FROM best b JOIN seated s USING (operator) GROUP BY 1, 2
)
SELECT r.stratum, r.weight, r.cluster, p.creators || s.country || ' ' || q.column1 AS key,
       sum(coalesce(CASE q.column1 WHEN 'sure' THEN c.sure ELSE c.possible END, 0)) AS k,
       sum(s.operators) AS n
FROM refusing r CROSS JOIN seats s CROSS JOIN (VALUES ('sure'), ('possible')) q
JOIN (SELECT w.panel_id, site_id, '' AS creators FROM this_wave w JOIN panel_sites USING (panel_id)
      UNION ALL
      SELECT w.panel_id, site_id, creator_type || ': ' FROM this_wave w
      JOIN panel_sites USING (panel_id) WHERE creator_type IS NOT NULL) p
  ON p.site_id = r.site_id
LEFT JOIN counted c ON c.visit_id = r.visit_id AND c.country = s.country
GROUP BY 1, 2, 3, 4
