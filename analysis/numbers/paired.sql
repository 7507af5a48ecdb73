-- Sites observed in both waves, by whether a headline held of them then and now. Read inside
-- `measuring` over the tables of `_units.sql` and `_before.sql`: one row per stratum (`*`: the
-- panel), key, and kind of owner: `owners` of them have sites with these counts and sums of weights
-- (`weigh_*`, `squares`: of squared weights). access:AGENT: kept from the root by RFC 9309, where
-- both answers are known; a file that was cut short could count only where it says yes, so it counts
-- neither way. use:PURPOSE: a strict refusal or condition, where both visits were complete.
WITH owned AS (
  SELECT t.*, coalesce(ps.cluster, s.registrable_domain, s.host) AS owner
  FROM this_wave w JOIN twice t
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = t.site_id
  JOIN sites s ON s.site_id = t.site_id
),
access AS (
  SELECT c.stratum, c.weight, c.owner, 'access:' || o.token AS key, o.root = 'disallowed' AS was,
         n.root = 'disallowed' AS now_, sum(c.sites) AS sites
  FROM (SELECT stratum, weight, owner, policy_before, policy_id, count(*) AS sites
        FROM owned WHERE NOT cut GROUP BY 1, 2, 3, 4, 5) c
  JOIN roots_before o ON o.policy_id = c.policy_before AND o.root <> 'unmeasured'
  JOIN roots n ON n.policy_id = c.policy_id AND n.agent_id = o.agent_id AND n.root <> 'unmeasured'
  GROUP BY 1, 2, 3, 4, 5, 6
),
pairs AS (
  SELECT t.stratum, t.weight, t.owner, jo.use_policy_id AS use_before,
         jn.use_policy_id AS use_now, count(*) AS sites
  FROM this_wave w
  CROSS JOIN owned t  -- else every judgement of the one wave meets every one of the other
  CROSS JOIN visits v ON v.visit_id = t.visit_before AND v.outcome IN ('ok', 'absent')
  CROSS JOIN judgements jo ON jo.ruleset = w.ruleset AND jo.visit_id = t.visit_before
  CROSS JOIN judgements jn ON jn.ruleset = w.ruleset AND jn.visit_id = t.visit_id
  WHERE t.complete
  GROUP BY 1, 2, 3, 4, 5
),
use AS (
  SELECT p.stratum, p.weight, p.owner, 'use:' || o.purpose AS key,
         o.preference_strict IN ('disallowed', 'conditional') AS was,
         n.preference_strict IN ('disallowed', 'conditional') AS now_, sum(p.sites) AS sites
  FROM pairs p
  JOIN verdicts o ON o.use_policy_id = p.use_before
  JOIN verdicts n ON n.use_policy_id = p.use_now AND n.purpose = o.purpose
  GROUP BY 1, 2, 3, 4, 5, 6
),
answers AS (SELECT * FROM access UNION ALL SELECT * FROM use),
by_owner AS (
  SELECT whole, iif(whole, '*', stratum) AS stratum, key, owner,
         sum(sites * (was AND now_)) AS both, sum(sites * (now_ AND NOT was)) AS gained,
         sum(sites * (was AND NOT now_)) AS lost, sum(sites * (NOT was AND NOT now_)) AS neither,
         sum(weight * sites * (was AND now_)) AS weigh_both,
         sum(weight * sites * (now_ AND NOT was)) AS weigh_gained,
         sum(weight * sites * (was AND NOT now_)) AS weigh_lost,
         sum(weight * sites * (NOT was AND NOT now_)) AS weigh_neither,
         sum(weight * weight * sites) AS squares
  FROM answers, (SELECT 0 AS whole UNION ALL SELECT 1)
  GROUP BY 1, 2, 3, 4
)
SELECT stratum, key, both, gained, lost, neither, weigh_both, weigh_gained, weigh_lost,
       weigh_neither, squares, count(*) AS owners
FROM by_owner
GROUP BY whole, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
ORDER BY whole DESC, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
