-- id: I-54
-- title: How far apart the definitions are
-- question: How much of a headline is its definition?
-- definition: The greatest less the smallest number of sites that block AI crawlers, over all
--   published definitions that ask for any agent of the eight; see headline_by_definition.
-- numerator: greatest less smallest number of blocking sites
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: extreme
-- missing: none
-- caveat: A difference of two shares of the same sites; no interval is given. Like is compared with
--   like: definitions that ask for all agents of the eight are left out.
-- literature: 22 percentage points, news sites, June 2026 (computed from published data)
WITH wholes AS (
  SELECT stratum, count(*) AS sites FROM units WHERE observed AND NOT cut GROUP BY 1
),
hits AS (
  SELECT u.stratum, b.definition, count(*) AS sites
  FROM this_wave w JOIN units u
  JOIN body_definitions b ON b.ruleset = w.ruleset AND b.body_id = u.body_id
  WHERE u.observed AND NOT u.cut
  GROUP BY 1, 2
),
counted AS (
  SELECT c.stratum, d.definition, coalesce(h.sites, 0) AS sites, c.sites AS whole
  FROM this_wave w CROSS JOIN wholes c
  JOIN definitions d ON d.ruleset = w.ruleset AND d.quantifier = 'any'
  LEFT JOIN hits h ON h.stratum = c.stratum AND h.definition = d.definition
)
SELECT stratum, 1.0 AS weight, '' AS cluster, '' AS key, max(sites) - min(sites) AS k, whole AS n
FROM counted GROUP BY stratum
UNION ALL
SELECT '*', 1.0, '', '', max(sites) - min(sites), max(whole)
FROM (SELECT sum(sites) AS sites, sum(whole) AS whole FROM counted GROUP BY definition)
HAVING count(*) > 0
