-- Each look at each site of the panel of :wave, over all waves judged by that wave's ruleset
-- (:later = 0: not those begun after it): its day, and whether :agent was refused by name. lags.sql and reversals.sql go on from here.
WITH this AS (
  SELECT w.panel_id, w.started_at, r.ruleset, a.agent_id
  FROM waves w JOIN current_rulesets r USING (wave_id)
  JOIN agents a ON a.ruleset = r.ruleset AND a.token = :agent
  WHERE w.name = :wave
),
looks AS (
  SELECT v.site_id, coalesce(p.stratum, '(none)') AS stratum,
         substr(coalesce(c.fetched_at, v.started_at), 1, 10) AS day,
         coalesce(own.basis = 'own' AND own.root = 'disallowed', 0) AS refused
  FROM this t
  JOIN panel_sites p ON p.panel_id = t.panel_id
  CROSS JOIN waves w ON :later OR w.started_at <= t.started_at
  JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = p.site_id
  JOIN judgements j ON j.ruleset = t.ruleset AND j.visit_id = v.visit_id
    AND j.robots_state NOT IN ('refused', 'unreachable', 'unread')
  JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = t.agent_id
  LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  WHERE coalesce(own.root, other.root) <> 'unmeasured'
    -- A file that was cut short could name the agent in the rest.
    AND (coalesce(own.basis = 'own' AND own.root = 'disallowed', 0)
         OR NOT coalesce(c.truncated OR c.data_loss OR c.status IS 206, 0))
)
