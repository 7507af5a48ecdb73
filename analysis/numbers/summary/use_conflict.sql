-- title: Opposed statements on use
-- question: On how many sites do two sources oppose each other, per purpose?
-- numerator: sites with at least one conflict on this purpose
-- denominator: sites whose visit was complete (outcome ok or absent)
-- unit: site
-- caveat: Partly read sites are left out. A site with one source cannot conflict and is counted
--   in the denominator. The key is the purpose.
-- keys: train = training; search = search; ai_input = answers to prompts

-- Run _sites.sql first.
WITH counted AS (
  SELECT p.stratum, x.purpose AS key,
         sum(p.sites * (p.complete AND x.conflict)) AS k,
         sum(p.sites * p.complete) AS n,
         sum(p.sites * (NOT p.complete AND x.conflict)) AS told
  FROM judged p JOIN verdicts x USING (use_policy_id)
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
