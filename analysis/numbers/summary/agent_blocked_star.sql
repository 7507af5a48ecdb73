-- title: Agents kept out by the * group
-- question: Which share of sites keeps each agent out without naming it?
-- numerator: sites whose robots.txt disallows the root for this agent through the * group
-- denominator: sites where robots.txt is known for this agent
-- unit: site
-- caveat: Says nothing about AI: the site closes itself to every robot that it does not name.

-- Run _sites.sql first.
WITH counted AS (
  SELECT stratum, token AS key,
         sum(sites) FILTER (WHERE root = 'disallowed' AND basis = 'star') AS k,
         sum(sites) FILTER (WHERE root <> 'unmeasured') AS n
  FROM judged JOIN answers USING (policy_id) GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, coalesce(sum(k), 0) AS k,
       coalesce(sum(n), 0) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
