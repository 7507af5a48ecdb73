-- title: Agents kept from the root
-- question: Which share of sites keeps each training agent of strict8 out?
-- numerator: sites whose robots.txt disallows the root for this agent, by its own group or by *
-- denominator: sites whose whole robots.txt is known; a file that was cut short would count only
--   where it says yes
-- unit: site
-- caveat: Robots.txt speaks about access, not about use. Root only: a site that closes part of its
--   paths is not counted. Read by RFC 9309.
-- keys: * = {}

-- Run _sites.sql first.
WITH counted AS (
  SELECT stratum, token AS key,
         sum(sites) FILTER (WHERE root = 'disallowed' AND entire AND NOT cut) AS k,
         sum(sites) FILTER (WHERE root <> 'unmeasured' AND entire AND NOT cut) AS n,
         sum(sites) FILTER (WHERE root = 'disallowed' AND (cut OR NOT entire)) AS told
  FROM judged JOIN answers USING (policy_id) WHERE of_its_day GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, coalesce(sum(k), 0) AS k,
       coalesce(sum(n), 0) AS n, coalesce(sum(told), 0) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
