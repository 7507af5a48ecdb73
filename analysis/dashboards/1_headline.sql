-- title: Headline
-- about: How many sites reserve training, and keep which training agent out? k of n, and what the
--   share would be if none, or all, of the sites that could not be measured counted.
--   Intervals are in the report and in the indicators.

-- Run _sites.sql of analysis/numbers/summary first.
WITH attempted (sites) AS (
  SELECT count(*) FROM this_wave JOIN visits USING (wave_id)
),
by_policy AS MATERIALIZED (
  SELECT policy_id, min(root = 'disallowed') AS blocked,
         min(root <> 'unmeasured' AND entire) AS measured
  FROM answers WHERE of_its_day GROUP BY 1
),
counted (place, finding, who, k, n, told) AS (
  SELECT 1, 'keep every training agent of strict8 out by robots.txt', '',
         sum(sites * (blocked AND measured AND NOT cut)), sum(sites * (measured AND NOT cut)),
         sum(sites * (blocked AND (cut OR NOT measured)))
  FROM judged CROSS JOIN by_policy USING (policy_id)
  UNION ALL
  SELECT 2, 'reserve this use in machine-readable form, or set terms for it', x.purpose,
         sum(p.sites * (p.complete AND x.preference_strict IN ('disallowed', 'conditional'))),
         sum(p.sites * p.complete),
         sum(p.sites * (NOT p.complete AND x.preference_strict IN ('disallowed', 'conditional')))
  FROM judged p JOIN verdicts x USING (use_policy_id) GROUP BY x.purpose
  UNION ALL
  SELECT 3, 'keep this agent out of the root by robots.txt', token,
         sum(sites * (root = 'disallowed' AND entire AND NOT cut)),
         sum(sites * (root <> 'unmeasured' AND entire AND NOT cut)),
         sum(sites * (root = 'disallowed' AND (cut OR NOT entire)))
  FROM judged JOIN answers USING (policy_id) WHERE of_its_day GROUP BY token
)
SELECT wave, panel, 'sites that ' || finding AS finding, who, k, n, round(1.0 * k / n, 4) AS share,
       sites AS sites_asked, sites - n AS not_measured,
       round(1.0 * (k + told) / sites, 4) AS share_if_none,
       round(1.0 * (k + sites - n) / sites, 4) AS share_if_all
FROM counted, attempted, this_wave
ORDER BY place, share DESC, who;
