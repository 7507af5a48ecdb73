-- The value at a place of a sorted column; :wave, :place.
SELECT {column} FROM v_politeness WHERE wave = :wave AND {column} IS NOT NULL
ORDER BY {column} LIMIT 1 OFFSET :place
