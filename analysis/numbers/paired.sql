-- Sites observed in both waves, by whether a headline held of them then and now. Read inside
-- `measuring` over the tables of `_units.sql` and `_before.sql`: one row per stratum (`*`: the
-- panel) and key. access:AGENT: kept from the root by RFC 9309, where both answers are known.
-- use:PURPOSE: a strict refusal or condition, where both visits were complete.
WITH access AS (
  SELECT c.stratum, 'access:' || o.token AS key, o.root = 'disallowed' AS was,
         n.root = 'disallowed' AS now_, sum(c.sites) AS sites
  FROM (SELECT stratum, policy_before, policy_id, count(*) AS sites
        FROM twice GROUP BY 1, 2, 3) c
  JOIN roots_before o ON o.policy_id = c.policy_before AND o.root <> 'unmeasured'
  JOIN roots n ON n.policy_id = c.policy_id AND n.agent_id = o.agent_id AND n.root <> 'unmeasured'
  GROUP BY 1, 2, 3, 4
),
pairs AS (
  SELECT t.stratum, jo.use_policy_id AS use_before, jn.use_policy_id AS use_now, count(*) AS sites
  FROM this_wave w JOIN twice t
  JOIN visits v ON v.visit_id = t.visit_before AND v.outcome IN ('ok', 'absent')
  JOIN judgements jo ON jo.ruleset = w.ruleset AND jo.visit_id = t.visit_before
  JOIN judgements jn ON jn.ruleset = w.ruleset AND jn.visit_id = t.visit_id
  WHERE t.complete
  GROUP BY 1, 2, 3
),
use AS (
  SELECT p.stratum, 'use:' || o.purpose AS key,
         o.preference_strict IN ('disallowed', 'conditional') AS was,
         n.preference_strict IN ('disallowed', 'conditional') AS now_, sum(p.sites) AS sites
  FROM pairs p
  JOIN verdicts o ON o.use_policy_id = p.use_before
  JOIN verdicts n ON n.use_policy_id = p.use_now AND n.purpose = o.purpose
  GROUP BY 1, 2, 3, 4
),
answers AS (SELECT * FROM access UNION ALL SELECT * FROM use)
SELECT iif(whole, '*', stratum) AS stratum, key, sum(sites * (was AND now_)) AS both,
       sum(sites * (now_ AND NOT was)) AS gained, sum(sites * (was AND NOT now_)) AS lost,
       sum(sites * (NOT was AND NOT now_)) AS neither
FROM answers, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 1, 2
ORDER BY whole DESC, 1, 2
