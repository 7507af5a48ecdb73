-- id: I-71
-- title: Refusals that reach an operator by its own documentation
-- question: Whom does an opt-out not reach?
-- definition: Of the sites that refuse training, those whose refusal stands where the operator says
--   that it reads it. Surely: robots.txt keeps all its training agents out and it documents
--   following robots.txt, or a statement for the whole site is in a signal that it documents.
--   Possibly: some of these agents, a signal that it reads in part, or a statement of a page.
-- numerator: sites whose refusal reaches the operator
-- denominator: sites whose visit was complete and that refuse training by a rule that names an
--   agent or in a strict statement
-- unit: site
-- kind: share
-- missing: none
-- primary: OpenAI sure
-- keys: * sure = refusals that surely reach {}; * possible = refusals that surely or possibly reach {}
-- caveat: By what operators document, which most cells of the registry know from others only. Who
--   documents nothing is reached by nothing here, whatever it does. Nothing here measures what a
--   crawler does.
-- literature: none published
WITH counted AS MATERIALIZED (
  SELECT stratum, weight, cluster, count(*) AS sites FROM refusing GROUP BY 1, 2, 3
),
reached AS (
  SELECT r.visit_id, r.stratum, r.weight, r.cluster, b.operator, b.sure
  FROM refusing r JOIN robots_reach b USING (policy_id)
  UNION ALL
  SELECT r.visit_id, r.stratum, r.weight, r.cluster, b.operator, b.sure
  FROM refusing r JOIN said_reach b USING (visit_id)
),
best AS MATERIALIZED (
  SELECT stratum, weight, cluster, operator, visit_id, max(sure) AS sure FROM reached
  GROUP BY 1, 2, 3, 4, 5
),
sums AS (
  SELECT stratum, weight, cluster, operator, sum(sure) AS sure, count(*) AS possible FROM best
  GROUP BY 1, 2, 3, 4
)
SELECT c.stratum, c.weight, c.cluster, o.operator || ' ' || q.column1 AS key,
       coalesce(CASE q.column1 WHEN 'sure' THEN s.sure ELSE s.possible END, 0) AS k, c.sites AS n
FROM counted c CROSS JOIN reachable o CROSS JOIN (VALUES ('sure'), ('possible')) q
LEFT JOIN sums s ON s.stratum = c.stratum AND s.weight = c.weight AND s.cluster = c.cluster
  AND s.operator = o.operator
