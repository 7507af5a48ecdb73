-- title: What the request for robots.txt brought
-- question: In which state is robots.txt?
-- numerator: sites whose robots.txt is in this state
-- denominator: sites attempted and judged
-- unit: site
-- caveat: Refused, unreachable and unread are unmeasured. Not-robots is a page served in place of the
--   file; it is observed and says nothing.
-- keys: rules = a file with rules; empty = a file that says nothing; absent = no file; refused =
--   refused; unreachable = not reached; not-robots = a page in place of the file; too-large = a file
--   beyond 500 KiB; unread = a file that could not be read

-- Run _sites.sql first.
WITH cells AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, j.robots_state AS key, count(*) AS sites
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  GROUP BY 1, 2
),
-- Every key gets a row in every stratum: a zero is a result.
totals AS (SELECT stratum, sum(sites) AS n FROM cells GROUP BY 1),
keys AS (SELECT DISTINCT key FROM cells WHERE key IS NOT NULL),
counted AS (
  SELECT totals.stratum, keys.key, coalesce(cells.sites, 0) AS k, totals.n
  FROM totals CROSS JOIN keys
  LEFT JOIN cells ON cells.stratum = totals.stratum AND cells.key = keys.key
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
