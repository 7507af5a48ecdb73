-- title: Opposed statements on use
-- question: On how many sites do two sources oppose each other, per purpose?
-- numerator: sites with at least one conflict on this purpose
-- denominator: sites whose visit was complete (outcome ok or absent)
-- unit: site
-- caveat: Partly read sites are left out. A site with one source cannot conflict and is counted
--   in the denominator. The key is the purpose.
WITH
this_wave AS (
  SELECT w.wave_id, w.name AS wave, w.panel_id, p.name AS panel, r.ruleset
  FROM waves w JOIN panels p USING (panel_id) LEFT JOIN current_rulesets r USING (wave_id)
  WHERE w.name = :wave
),
-- Sites per set of verdicts first: few sets serve all sites.
policies AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, j.use_policy_id,
         v.outcome IN ('ok', 'absent') AS complete, count(*) AS sites
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
  GROUP BY 1, 2, 3
),
counted AS (
  SELECT p.stratum, x.purpose AS key,
         sum(p.sites * (p.complete AND x.conflict)) AS k, sum(p.sites * p.complete) AS n,
         sum(p.sites * (NOT p.complete AND x.conflict)) AS told
  FROM policies p JOIN verdicts x USING (use_policy_id)
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
