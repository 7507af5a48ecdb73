-- title: Opposed statements on use
-- question: On how many sites do two sources oppose each other, per purpose?
-- numerator: sites with at least one conflict on this purpose
-- denominator: sites whose visit was complete (outcome ok or absent)
-- unit: site
-- caveat: Partly read sites are left out. A site with one source cannot conflict and is counted
--   in the denominator. The key is the purpose.

-- Run _sites.sql first.
WITH counted AS (
  SELECT p.stratum, x.purpose AS key,
         sum(p.sites * (x.conflict)) AS k, sum(p.sites) AS n
  FROM judged p JOIN verdicts x USING (use_policy_id)
  WHERE p.complete
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
