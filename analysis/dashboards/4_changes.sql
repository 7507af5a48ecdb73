-- title: Changes
-- about: What did sites gain and lose since the panel's wave before? Meaning is compared, not bytes,
--   and both waves are read under one ruleset. An example of each; all are in v_changes.
WITH chosen (wave) AS (SELECT :wave)
SELECT wave_from, wave_to, kind, subject, count(*) AS sites, min(host) AS example
FROM chosen JOIN v_changes ON wave_to = wave
GROUP BY 1, 2, 3, 4
ORDER BY sites DESC, kind, subject
LIMIT 200;
