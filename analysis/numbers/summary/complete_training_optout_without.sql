-- title: Complete training opt-out without one agent
-- question: How much does the complete opt-out hang on one single agent?
-- numerator: sites whose robots.txt disallows the root for all agents of strict8 that were known on
--   the wave's day, but for the one that is the key
-- denominator: sites whose whole robots.txt is known; a file that was cut short would count only
--   where it says yes
-- unit: site
-- caveat: The key is the agent left out. The smallest and the greatest of these shares are the
--   range that the headline is printed with. Without a row where only one agent was known.
-- keys: * = all but {}

-- Run _sites.sql first.
WITH by_policy AS MATERIALIZED (
  SELECT a.policy_id, x.token AS key, min(a.root = 'disallowed') AS blocked,
         min(a.root <> 'unmeasured' AND a.entire) AS measured
  FROM answers a JOIN (SELECT DISTINCT token FROM answers WHERE of_its_day) x ON x.token <> a.token
  WHERE a.of_its_day
  GROUP BY 1, 2
),
counted AS MATERIALIZED (
  SELECT stratum, key, sum(sites * (blocked AND measured AND NOT cut)) AS k,
         sum(sites * (measured AND NOT cut)) AS n,
         sum(sites * (blocked AND (cut OR NOT measured))) AS told
  FROM judged CROSS JOIN by_policy USING (policy_id) GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
