-- id: I-28a
-- title: Every kind of fault
-- question: What goes wrong, and how often?
-- definition: A capture of the site has the fault; the data dictionary and `optout explain CODE`
--   tell what it does and how it is mended.
-- numerator: sites with the fault
-- denominator: sites whose visit was complete; for faults inside works, those of which a work was read
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: any
-- keys: any = any fault; *:* = {}: the fault {}
-- caveat: The key is signal:fault; `any` leaves out faults inside works. Cosmetic faults are counted too. A site that does not try a
--   signal cannot have its faults and is counted all the same; see defect_rate for those that try.
-- literature: none published over all signals
WITH found AS (
  SELECT DISTINCT u.visit_id, u.stratum, u.weight, u.cluster, d.signal || ':' || d.code AS code,
         c.resource LIKE 'work:%' AS of_work
  FROM this_wave w CROSS JOIN defects d ON d.ruleset = w.ruleset
  CROSS JOIN captures c ON c.capture_id = d.capture_id AND c.superseded = 0
  CROSS JOIN units u ON u.visit_id = c.visit_id AND u.complete
),
hits AS (
  SELECT stratum, weight, cluster, code AS key, of_work, count(*) AS sites
  FROM found GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT stratum, weight, cluster, 'any', 0, count(DISTINCT visit_id)
  FROM found WHERE NOT of_work GROUP BY 1, 2, 3
),
wholes AS (
  SELECT stratum, weight, cluster, sites, 0 AS of_work FROM complete_cells
  UNION ALL
  SELECT stratum, weight, cluster, count(DISTINCT visit_id), 1
  FROM read_works WHERE complete GROUP BY 1, 2, 3
)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM wholes c JOIN (SELECT DISTINCT key, of_work FROM hits) q USING (of_work)
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
