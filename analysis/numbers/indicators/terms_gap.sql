-- id: I-36
-- title: Terms that forbid what no machine is told
-- question: Do terms and files say the same?
-- definition: A page of terms forbids training or reserves mining, and neither a strict statement
--   says so to machines nor does robots.txt block all agents of the panel of eight: a refusal of
--   all training is not matched by a rule for some.
-- numerator: sites without a machine-readable counterpart
-- denominator: sites whose visit was complete and whose terms forbid training or reserve mining
-- unit: site
-- kind: share
-- missing: none
-- caveat: Terms are found by links and usual addresses, at most four pages a site.
-- literature: Maango: 7,575 of 79,173 scanned terms, 9.6 % (secondary source; of all terms, not of
--   those that forbid)
WITH terms AS (
  SELECT DISTINCT u.visit_id, u.stratum, u.weight, u.cluster, u.policy_id, u.use_policy_id
  FROM this_wave w
  CROSS JOIN findings f ON f.ruleset = w.ruleset AND f.signal = 'terms_prose'
    AND f.outcome IN ('present', 'malformed')
  CROSS JOIN statements st ON st.ruleset = f.ruleset AND st.capture_id = f.capture_id
    AND st.signal = f.signal AND st.purpose = 'train' AND st.preference <> 'allowed'
  CROSS JOIN captures c ON c.capture_id = f.capture_id
  CROSS JOIN units u ON u.visit_id = c.visit_id AND u.complete
)
SELECT m.stratum, m.weight, m.cluster, '' AS key,
       sum(x.preference_strict NOT IN ('disallowed', 'conditional')
           AND NOT t.blocked) AS k,
       count(*) AS n
FROM terms m
JOIN majors t USING (policy_id)
JOIN verdicts x ON x.use_policy_id = m.use_policy_id AND x.purpose = 'train'
GROUP BY 1, 2, 3
