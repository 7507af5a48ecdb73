-- title: Changes
-- about: What did sites gain and lose since the panel's wave before? Meaning is compared, not bytes,
--   and both waves are read under one ruleset. An example of each; all are in v_changes.

-- The view's own text over this pair of waves alone, or every pair there is would be compared.
WITH wave_pairs AS (
  SELECT p.* FROM main.wave_pairs p JOIN waves ON wave_id = p.to_id WHERE name = :wave
)
SELECT wave_from, wave_to, kind, subject, count(*) AS sites, min(host) AS example
FROM v_changes
GROUP BY 1, 2, 3, 4
ORDER BY sites DESC, kind, subject
LIMIT 200;
