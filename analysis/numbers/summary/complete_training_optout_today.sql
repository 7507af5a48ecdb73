-- title: Complete training opt-out by today's list
-- question: Which share of sites blocks every training agent of strict8 as the list is today?
-- numerator: sites whose robots.txt disallows the root for all agents of strict8, those included
--   that were not known on the wave's day
-- denominator: sites whose whole robots.txt is known; a file that was cut short would count only
--   where it says yes
-- unit: site
-- caveat: No fault of the site's: nobody can name an agent before it is known. What this number
--   lacks to complete_training_optout is how much a file ages.

-- Run _sites.sql first.
WITH by_policy AS MATERIALIZED (
  SELECT policy_id, min(root = 'disallowed') AS blocked,
         min(root <> 'unmeasured' AND entire) AS measured
  FROM answers GROUP BY 1
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
