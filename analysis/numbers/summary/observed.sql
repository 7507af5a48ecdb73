-- title: Sites observed
-- question: On how many of the visited sites is the state of robots.txt known?
-- numerator: sites whose robots.txt was read, or is properly absent (rules, empty, absent,
--   not-robots, too-large)
-- denominator: sites attempted
-- unit: site
-- caveat: A refusal or an error leaves a site unobserved; it is never counted as permission.
--   A visit that has not been judged yet counts as unobserved.

-- Run _sites.sql first.
WITH counted AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, '' AS key,
         count(*) FILTER (
           WHERE j.robots_state IN ('rules', 'empty', 'absent', 'not-robots', 'too-large')
         ) AS k,
         count(*) AS n
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
  LEFT JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  GROUP BY 1
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
