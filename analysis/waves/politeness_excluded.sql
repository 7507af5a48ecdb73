-- Why what was not asked; :wave, :most.
SELECT entry, since, why, count(*) AS times FROM v_excluded WHERE wave = :wave
GROUP BY entry, since, why ORDER BY times DESC, entry LIMIT :most
