-- Findings, statements or defects of a visit; :visit, :ruleset.
-- CROSS JOIN keeps SQLite from starting with every row of the ruleset, for each site anew.
SELECT x.*, c.url, c.resource FROM captures c CROSS JOIN {table} x USING (capture_id)
WHERE c.visit_id = :visit AND x.ruleset = :ruleset ORDER BY c.seq, x.signal
