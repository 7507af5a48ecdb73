-- id: I-63
-- title: Wishes in works that a reader sees
-- question: Who would notice the wish?
-- definition: Of the works that state a preference: those in which a reader that goes by the letter of
--   the one specification sees it.
-- numerator: works whose wish the reader sees
-- denominator: works that state a preference
-- unit: work
-- kind: share
-- missing: none
-- primary: any
-- keys: any = by any specification; set aside = of a manifest that some readers set aside, for its
--   signature or its older label; * = by {}
-- caveat: The key is the signal. `any` leaves out wishes in fields nobody has specified, draft values
--   and prose. Readers that verify a manifest set a wish aside that others read.
-- literature: none published
WITH seen AS (
  SELECT m.capture_id, s.signal AS key
  FROM this_wave w CROSS JOIN read_works m
  CROSS JOIN statements s ON s.ruleset = w.ruleset AND s.capture_id = m.capture_id
    AND s.strictness = 'strict'
  UNION
  SELECT m.capture_id, 'any'
  FROM this_wave w CROSS JOIN read_works m
  CROSS JOIN statements s ON s.ruleset = w.ruleset AND s.capture_id = m.capture_id
    AND s.strictness = 'strict'
  UNION
  SELECT m.capture_id, 'set aside'
  FROM this_wave w CROSS JOIN read_works m
  CROSS JOIN defects d ON d.ruleset = w.ruleset AND d.capture_id = m.capture_id
    AND d.code IN ('c2pa-signature', 'c2pa-old-label')
)
SELECT m.stratum, m.weight, m.cluster, q.key, count(s.capture_id) AS k, count(*) AS n
FROM read_works m
CROSS JOIN (SELECT DISTINCT key FROM seen UNION VALUES ('any'), ('set aside')) q
LEFT JOIN seen s ON s.capture_id = m.capture_id AND s.key = q.key
WHERE m.wishes
GROUP BY 1, 2, 3, 4
