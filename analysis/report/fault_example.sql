-- The first place of a fault in a wave; :wave, :ruleset, :signal, :code.
SELECT s.host, s.site_id, d.line, d.quote, d.effect, d.severity
FROM defects d
JOIN captures c ON c.capture_id = d.capture_id AND c.superseded = 0
JOIN visits v ON v.visit_id = c.visit_id AND v.outcome IN ('ok', 'absent')
JOIN waves w ON w.wave_id = v.wave_id AND w.name = :wave
JOIN sites s USING (site_id)
WHERE d.ruleset = :ruleset AND d.signal = :signal AND d.code = :code
ORDER BY v.visit_id LIMIT 1
