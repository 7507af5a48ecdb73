-- How a wave was made, and its panel; :wave.
SELECT w.software, w.user_agent, w.vantage, w.seed, w.started_at, w.finished_at, p.source,
       p.licence, p.inclusion_rules, p.sha256, p.suffix_list, p.rows_read, p.accepted,
       p.rejected, p.duplicates
FROM waves w JOIN panels p USING (panel_id) WHERE w.name = :wave
