-- id: I-32
-- title: Reservations in words only
-- question: How many say it to people and not to machines?
-- definition: A reservation or ban in prose (comments of robots.txt, terms), no strict statement
--   against training, and not all agents of the panel of eight blocked: a refusal of all training
--   is not matched by a rule for some.
-- numerator: sites with prose only
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: Prose is found by words in ten languages; what it misses counts as no prose.
-- literature: 28 of 1,293, 3 of 95 (computed from published data); Maango: 7,575 domains by terms
--   only (secondary source)
WITH prose AS (
  SELECT DISTINCT c.visit_id
  FROM this_wave w
  CROSS JOIN findings f ON f.ruleset = w.ruleset
    AND f.signal IN ('robots_prose', 'terms_prose') AND f.outcome IN ('present', 'malformed')
  CROSS JOIN statements st ON st.ruleset = f.ruleset AND st.capture_id = f.capture_id
    AND st.signal = f.signal AND st.purpose = 'train' AND st.preference <> 'allowed'
  CROSS JOIN captures c ON c.capture_id = f.capture_id
)
SELECT u.stratum, u.weight, u.cluster, '' AS key,
       sum(p.visit_id IS NOT NULL AND x.preference_strict NOT IN ('disallowed', 'conditional')
           AND NOT t.blocked) AS k,
       count(*) AS n
FROM units u
JOIN majors t USING (policy_id)
JOIN verdicts x ON x.use_policy_id = u.use_policy_id AND x.purpose = 'train'
LEFT JOIN prose p ON p.visit_id = u.visit_id
WHERE u.complete
GROUP BY 1, 2, 3
