-- id: I-72
-- title: By which signal a refusal reaches operators
-- question: Whom does an opt-out not reach?
-- definition: Of the sites that refuse training, those whose refusal in this family of signals
--   surely or possibly reaches at least one operator, and each operator, by its own documentation.
-- numerator: sites whose refusal in this family reaches it
-- denominator: sites whose visit was complete and that refuse training by a rule that names an
--   agent or in a strict statement
-- unit: site
-- kind: share
-- missing: none
-- primary: anybody by robots
-- keys: * by * = {} reached by {}
-- caveat: A family without a row reaches nobody whom the registry knows to read it.
-- literature: none published
WITH counted AS MATERIALIZED (
  SELECT stratum, weight, cluster, count(*) AS sites FROM refusing GROUP BY 1, 2, 3
),
reached AS MATERIALIZED (
  SELECT r.visit_id, r.stratum, r.weight, r.cluster, b.operator, 'robots' AS family
  FROM refusing r JOIN robots_reach b USING (policy_id)
  UNION ALL
  SELECT r.visit_id, r.stratum, r.weight, r.cluster, b.operator, b.family
  FROM refusing r JOIN said_reach b USING (visit_id)
),
sums AS MATERIALIZED (
  SELECT stratum, weight, cluster, operator || ' by ' || family AS key, count(*) AS sites
  FROM reached GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT stratum, weight, cluster, 'anybody by ' || family, count(DISTINCT visit_id)
  FROM reached GROUP BY 1, 2, 3, 4
),
every_key AS (SELECT key FROM sums UNION SELECT 'anybody by robots')
SELECT c.stratum, c.weight, c.cluster, e.key, coalesce(s.sites, 0) AS k, c.sites AS n
FROM counted c CROSS JOIN every_key e
LEFT JOIN sums s ON s.stratum = c.stratum AND s.weight = c.weight AND s.cluster = c.cluster
  AND s.key = e.key
