-- Captures of a wave, those whose body an earlier one brought, and the bytes of these. The wave.
SELECT count(*), count(c.revalidated_from),
       coalesce(sum(b.size) FILTER (WHERE c.revalidated_from IS NOT NULL), 0)
FROM captures c JOIN visits v USING (visit_id) LEFT JOIN bodies b USING (body_id)
WHERE v.wave_id = ?
