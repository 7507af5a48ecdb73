-- title: Sites attempted
-- question: How much of the panel did this wave try to visit?
-- numerator: sites with a visit, however it ended
-- denominator: sites of the panel
-- unit: site
-- caveat: Below the whole panel only while a wave is unfinished; resume it before quoting any share.

-- Run _sites.sql first.
WITH counted AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, '' AS key,
         count(v.visit_id) AS k, count(*) AS n
  FROM this_wave w
  JOIN panel_sites ps USING (panel_id)
  LEFT JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = ps.site_id
  GROUP BY 1
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
