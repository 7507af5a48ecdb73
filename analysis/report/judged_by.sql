-- The ruleset that judged a wave; :wave, :ruleset.
SELECT r.*, j.judged_at, j.visits, j.digest AS judgement_digest
FROM waves w JOIN judged_waves j USING (wave_id) JOIN rulesets r USING (ruleset)
WHERE w.name = :wave AND r.ruleset = :ruleset
