-- id: I-28a
-- title: Every kind of fault
-- question: What goes wrong, and how often?
-- definition: A capture of the site has the fault; the data dictionary and `optout explain CODE`
--   tell what it does and how it is mended.
-- numerator: sites with the fault
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: any
-- keys: any = any fault; *:* = {}: the fault {}
-- caveat: The key is signal:fault. Cosmetic faults are counted too. A site that does not try a
--   signal cannot have its faults and is counted all the same; see defect_rate for those that try.
-- literature: none published over all signals
WITH found AS (
  SELECT DISTINCT u.visit_id, u.stratum, u.weight, u.cluster, d.signal || ':' || d.code AS code
  FROM this_wave w CROSS JOIN defects d ON d.ruleset = w.ruleset
  CROSS JOIN captures c ON c.capture_id = d.capture_id AND c.superseded = 0
  CROSS JOIN units u ON u.visit_id = c.visit_id AND u.complete
),
hits AS (
  SELECT stratum, weight, cluster, code AS key, count(*) AS sites FROM found GROUP BY 1, 2, 3, 4
  UNION ALL
  SELECT stratum, weight, cluster, 'any', count(DISTINCT visit_id) FROM found GROUP BY 1, 2, 3
)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM complete_cells c CROSS JOIN (SELECT DISTINCT key FROM hits) q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
