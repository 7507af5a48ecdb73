-- title: How the visits ended
-- question: How did each visit end, and why?
-- numerator: sites whose visit ended with this outcome and reason
-- denominator: sites attempted
-- unit: site
-- caveat: The key is outcome:reason, both from closed lists. Only ok and absent can support a
--   statement that a site does not opt out.
-- keys: ok:* = read in full ({}); ok_partial:* = read in part ({}); absent:* = answered, and no
--   robots.txt ({}); denied:* = refused ({}); rate_limited:* = told to wait ({}); server_error:* = the
--   server failed ({}); unreachable:* = not reached ({}); refused_by_us:* = not asked by us ({});
--   malformed:* = not readable ({}); internal_error:* = a fault of ours ({})

-- Run _sites.sql first.
WITH cells AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum,
         v.outcome || ':' || v.reason AS key, count(*) AS sites
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
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
