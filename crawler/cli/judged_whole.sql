-- A row where a ruleset has judged every visit of a wave. The wave's name, the ruleset.
SELECT 1 FROM waves w JOIN judged_waves j USING (wave_id)
WHERE w.name = ? AND j.ruleset = ?
  AND NOT EXISTS (
    SELECT 1 FROM visits v WHERE v.wave_id = w.wave_id AND NOT EXISTS (
      SELECT 1 FROM judgements g WHERE g.ruleset = j.ruleset AND g.visit_id = v.visit_id))
