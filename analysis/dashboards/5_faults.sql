-- title: Faults
-- about: What fails in what sites wrote, how often, and what does it do to the intended effect?
--   Severity: voids (no effect), narrows, risks (some readers only) and the like, see `defects`.
WITH chosen (wave_id, wave, ruleset) AS (
  SELECT wave_id, name, ruleset FROM waves JOIN current_rulesets USING (wave_id)
  WHERE name = :wave
),
found AS (
  SELECT d.signal, d.code, d.severity, v.site_id, min(d.quote) AS quote, min(d.effect) AS effect
  FROM chosen w
  CROSS JOIN visits v USING (wave_id)
  CROSS JOIN captures c USING (visit_id)
  CROSS JOIN defects d ON d.ruleset = w.ruleset AND d.capture_id = c.capture_id
  GROUP BY 1, 2, 3, 4
)
SELECT w.wave, f.code, f.severity, f.signal, count(*) AS sites,
       round(1.0 * count(*) / (SELECT count(*) FROM judgements j JOIN visits v USING (visit_id)
         WHERE j.ruleset = w.ruleset AND v.wave_id = w.wave_id), 4) AS share_of_judged,
       min(f.effect) AS effect, min(s.host) AS example, f.quote AS example_says
FROM found f JOIN sites s USING (site_id), chosen w
GROUP BY f.code, f.severity, f.signal
ORDER BY sites DESC, f.code, f.signal;
