-- title: Complete training opt-out in robots.txt
-- question: Which share of sites blocks every training agent of strict8?
-- numerator: sites whose robots.txt disallows the root for all agents of strict8 that were known on
--   the wave's day
-- denominator: sites whose whole robots.txt is known; a file that was cut short would count only
--   where it says yes
-- unit: site
-- caveat: Counts a site closed to all robots as well. Complete means the agents of strict8 of that
--   day, not every agent there is; complete_training_optout_today asks for those of today, too, and
--   complete_training_optout_without shows what each single agent does to the number.

-- Run _sites.sql first.
WITH by_policy AS MATERIALIZED (
  SELECT policy_id, min(root = 'disallowed') AS blocked,
         min(root <> 'unmeasured' AND entire) AS measured
  FROM answers WHERE of_its_day GROUP BY 1
),
counted AS MATERIALIZED (
  SELECT stratum, '' AS key, sum(sites * (blocked AND measured AND NOT cut)) AS k,
         sum(sites * (measured AND NOT cut)) AS n,
         sum(sites * (blocked AND (cut OR NOT measured))) AS told
  FROM judged CROSS JOIN by_policy USING (policy_id) GROUP BY 1
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
