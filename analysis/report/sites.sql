-- Visit and site by host, with its judgement; :wave, :ruleset.
SELECT v.visit_id, s.site_id, s.host, coalesce(ps.stratum, '(none)') AS stratum, v.outcome,
       ps.country, ps.sector, ps.creator_type, v.reason, v.detail, v.requests, v.bytes, v.started_at, v.finished_at,
       j.robots_state, j.robots_capture_id, j.policy_id, j.use_policy_id
FROM sites s
JOIN waves w ON w.name = :wave
JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = s.site_id
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = s.site_id
LEFT JOIN judgements j ON j.visit_id = v.visit_id AND j.ruleset = :ruleset
ORDER BY s.host
