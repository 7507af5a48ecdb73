-- id: I-05
-- title: Sites that reserve text and data mining by TDMRep
-- question: Who uses the protocol made for Article 4(3)?
-- definition: A TDMRep header, meta or file in which a strict reader finds a reservation that is
--   not the permission to mine.
-- numerator: sites with such a reservation in the channel
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: The key is the channel, or `any`. A header or meta of the home page speaks for that page
--   only.
-- literature: Maango: 37 of 999,316 (file or header), February 2026; aicrawl: 8 of 543 (secondary
--   sources)
WITH reserved AS (
  SELECT DISTINCT u.visit_id, st.signal
  FROM this_wave w JOIN units u JOIN captures c ON c.visit_id = u.visit_id
  JOIN statements st ON st.ruleset = w.ruleset AND st.capture_id = c.capture_id
  WHERE st.signal IN ('tdmrep_header', 'tdmrep_meta', 'tdmrep_file')
    AND st.strictness = 'strict' AND st.preference <> 'allowed'
),
hits AS (
  SELECT visit_id, signal AS key FROM reserved
  UNION SELECT visit_id, 'any' FROM reserved
),
keys (key) AS (VALUES ('any'), ('tdmrep_header'), ('tdmrep_meta'), ('tdmrep_file'))
SELECT u.stratum, u.weight, u.cluster, q.key, count(h.visit_id) AS k, count(*) AS n
FROM units u CROSS JOIN keys q LEFT JOIN hits h ON h.visit_id = u.visit_id AND h.key = q.key
WHERE u.complete
GROUP BY 1, 2, 3, 4
