-- Every answer of a panel's sites in each wave that one ruleset judged: one row per wave, headline
-- and set of sites that answer alike. Bind :panel (its name), :vantage and :ruleset. `sites` is a count,
-- `core` how many of them have an answer to this headline in every one of the waves. `alone`: the panel
-- says that each of them stands for itself only.
-- complete: all agents of strict8 that were known on the wave's day are kept from the root;
-- access:AGENT: this one is; use:PURPOSE: a strict refusal or condition, of complete visits.
WITH chosen AS (
  SELECT w.wave_id, w.name AS wave, w.started_at, w.panel_id, j.ruleset
  FROM waves w JOIN panels p USING (panel_id) JOIN judged_waves j USING (wave_id)
  WHERE p.name = :panel AND w.vantage IS :vantage AND j.ruleset = :ruleset
),
judged AS (
  SELECT c.wave_id, v.site_id, coalesce(ps.weight, 1.0) AS weight, ps.weight IS 1.0 AS alone, j.policy_id, j.use_policy_id,
         v.outcome IN ('ok', 'absent') AS complete,
         j.robots_state <> 'too-large'
           AND NOT coalesce(k.data_loss OR k.truncated OR k.status IS 206, 0) AS whole
  FROM chosen c
  JOIN visits v USING (wave_id)
  JOIN judgements j ON j.ruleset = c.ruleset AND j.visit_id = v.visit_id
  JOIN panel_sites ps ON ps.panel_id = c.panel_id AND ps.site_id = v.site_id
  LEFT JOIN captures k ON k.capture_id = j.robots_capture_id
),
roots AS (
  SELECT d.wave_id, p.policy_id, a.token, coalesce(own.root, other.root) AS root
  FROM (SELECT DISTINCT wave_id, policy_id FROM judged WHERE whole) p
  JOIN wave_agents d ON d.wave_id = p.wave_id AND d.ruleset = :ruleset
  JOIN agent_panels q ON q.ruleset = d.ruleset AND q.agent_panel = 'strict8'
    AND q.agent_id = d.agent_id
  JOIN agents a ON a.ruleset = d.ruleset AND a.agent_id = d.agent_id
  JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0 AND other.root <> 'unmeasured'  -- else not the whole file is known
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = a.agent_id
),
headlines AS (
  SELECT wave_id, policy_id, 'access:' || token AS headline, root = 'disallowed' AS shut
  FROM roots WHERE root <> 'unmeasured'
  UNION ALL
  SELECT wave_id, policy_id, 'complete', min(root = 'disallowed') FROM roots
  GROUP BY 1, 2 HAVING min(root <> 'unmeasured')
),
answers AS (
  SELECT j.wave_id, j.site_id, j.weight, j.alone, h.headline, h.shut AS yes
  FROM judged j JOIN headlines h USING (wave_id, policy_id) WHERE j.whole
  UNION ALL
  SELECT j.wave_id, j.site_id, j.weight, j.alone, 'use:' || x.purpose,
         x.preference_strict IN ('disallowed', 'conditional')
  FROM judged j JOIN verdicts x USING (use_policy_id) WHERE j.complete
),
-- A headline's waves: an agent's line begins with the first wave that it was known in.
spans AS MATERIALIZED (SELECT headline, count(DISTINCT wave_id) AS waves FROM answers GROUP BY 1),
core AS (
  SELECT a.headline, a.site_id FROM answers a JOIN spans s USING (headline) GROUP BY 1, 2
  HAVING count(*) = max(s.waves)
)
SELECT c.wave, c.started_at, a.headline, a.weight, a.yes, count(*) AS sites,
       count(k.site_id) AS core, a.alone
FROM answers a
JOIN chosen c USING (wave_id)
LEFT JOIN core k ON k.headline = a.headline AND k.site_id = a.site_id
GROUP BY c.wave_id, a.headline, a.weight, a.alone, a.yes
ORDER BY a.headline, c.started_at, c.wave_id
