-- title: Faults
-- about: What fails in what sites wrote, how often, and what does it do to the intended effect?
--   Severity: voids (no effect), changes (another meaning), risks (some readers do not see it),
--   cosmetic.
WITH chosen (wave_id, wave, ruleset) AS (
  SELECT wave_id, name, ruleset FROM waves JOIN current_rulesets USING (wave_id)
  WHERE name = :wave
),
judged (sites) AS (
  SELECT count(*) FROM chosen w CROSS JOIN visits v USING (wave_id)
  CROSS JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
),
found AS (
  SELECT d.signal, d.code, d.severity, v.site_id, min(d.quote) AS quote, min(d.effect) AS effect
  FROM chosen w
  CROSS JOIN defects d ON d.ruleset = w.ruleset
  CROSS JOIN captures c ON c.capture_id = d.capture_id
  CROSS JOIN visits v ON v.visit_id = c.visit_id AND v.wave_id = w.wave_id
  GROUP BY 1, 2, 3, 4
)
SELECT w.wave, f.code, f.severity, f.signal, count(*) AS sites,
       judged.sites AS sites_judged, round(1.0 * count(*) / judged.sites, 4) AS share_of_judged,
       min(f.effect) AS effect, min(s.host) AS example, f.quote AS example_says
FROM found f JOIN sites s USING (site_id), chosen w, judged
GROUP BY f.code, f.severity, f.signal
ORDER BY sites DESC, f.code, f.signal;
