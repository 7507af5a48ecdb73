-- Sites that a fault of our own touched, of all that were visited. The wave's name.
SELECT count(*) FILTER (WHERE v.outcome = 'internal_error' OR EXISTS (
         SELECT 1 FROM captures c WHERE c.visit_id = v.visit_id
           AND c.failure IN ('internal_error', 'internal_stall'))),
       count(*)
FROM visits v JOIN waves w USING (wave_id) WHERE w.name = ?
