-- title: Use reserved
-- question: Which share of sites reserves the use of its content, per purpose?
-- numerator: sites whose strict verdict on this purpose is disallowed or conditional
-- denominator: sites whose visit was complete (outcome ok or absent)
-- unit: site
-- caveat: Partly read sites are left out whatever they say: an unread file could change the
--   verdict, and counting only those that speak would raise the share. The key is the purpose.
-- keys: train = training; search = search; ai_input = answers to prompts

-- Run _sites.sql first.
WITH counted AS (
  SELECT p.stratum, x.purpose AS key,
         sum(p.sites * (p.complete AND x.preference_strict IN ('disallowed', 'conditional'))) AS k,
         sum(p.sites * p.complete) AS n,
         sum(p.sites * (NOT p.complete AND x.preference_strict IN ('disallowed', 'conditional'))) AS told
  FROM judged p JOIN verdicts x USING (use_policy_id)
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
