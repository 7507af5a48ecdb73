-- Every request of a visit, in the order made; :visit.
SELECT c.*, b.sha256 FROM captures c LEFT JOIN bodies b USING (body_id)
WHERE c.visit_id = :visit ORDER BY c.seq
