-- title: Complete training opt-out in robots.txt
-- question: Which share of sites keeps out every training agent of strict8?
-- numerator: sites whose robots.txt disallows the root for all agents of strict8
-- denominator: sites where robots.txt is known for all of them
-- unit: site
-- caveat: Counts a site closed to all robots as well. Complete means the agents of strict8, not
--   every agent there is.

-- Run _sites.sql first.
WITH by_policy AS (
  SELECT policy_id, min(root = 'disallowed') AS blocked, min(root <> 'unmeasured') AS measured
  FROM answers GROUP BY 1
),
counted AS (
  SELECT stratum, '' AS key, sum(sites * blocked) AS k, sum(sites * measured) AS n
  FROM judged JOIN by_policy USING (policy_id) GROUP BY 1
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
