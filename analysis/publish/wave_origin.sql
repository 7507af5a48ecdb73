-- How a wave was made, its panel, and the ruleset that judged it; the wave.
SELECT w.name, w.software, w.user_agent, w.vantage, w.seed, w.started_at, w.finished_at,
       p.name AS panel, p.source, p.licence, p.inclusion_rules, p.sha256, p.suffix_list,
       p.rows_read, p.accepted, p.rejected, p.duplicates, r.ruleset, r.digest, r.versions,
       r.agents_version, r.agents_sha256, j.visits, j.judged_at, j.digest AS judgement
FROM waves w JOIN panels p USING (panel_id) JOIN current_rulesets c USING (wave_id)
JOIN rulesets r USING (ruleset) JOIN judged_waves j ON j.wave_id = w.wave_id
  AND j.ruleset = r.ruleset
WHERE w.name = ?
