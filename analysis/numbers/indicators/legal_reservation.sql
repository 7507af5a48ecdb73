-- id: I-05
-- title: Sites that reserve text and data mining by TDMRep
-- question: Who uses the protocol made for Article 4(3)?
-- definition: A TDMRep header, meta or file in which a strict reader finds a reservation that is
--   not the permission to mine. One of the file counts where it speaks about the whole site; of a
--   part only, it is told apart.
-- numerator: sites with such a reservation in the channel
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: any
-- keys: any = in any channel; tdmrep_header = in a header; tdmrep_meta = in a meta element;
--   tdmrep_file = in the file, for the whole site; part = in the file, for a part of the site
-- caveat: The key is the channel, or `any`. A header or meta of the home page speaks for that page
--   only.
-- literature: Maango: 37 of 999,316 (file or header), February 2026; aicrawl: 8 of 543 (secondary
--   sources)
WITH reserved AS (
  SELECT DISTINCT u.visit_id, iif(st.scope = 'path', 'part', st.signal) AS signal
  FROM this_wave w
  CROSS JOIN findings f ON f.ruleset = w.ruleset AND f.outcome = 'present'
    AND f.signal IN ('tdmrep_header', 'tdmrep_meta', 'tdmrep_file')
  CROSS JOIN statements st ON st.ruleset = f.ruleset AND st.capture_id = f.capture_id
    AND st.signal = f.signal AND st.strictness = 'strict' AND st.preference <> 'allowed'
  CROSS JOIN captures c ON c.capture_id = f.capture_id
  CROSS JOIN units u ON u.visit_id = c.visit_id AND u.complete
),
keyed AS (
  SELECT visit_id, signal AS key FROM reserved
  UNION SELECT visit_id, 'any' FROM reserved WHERE signal <> 'part'
),
hits AS (
  SELECT u.stratum, u.weight, u.cluster, x.key, count(*) AS sites
  FROM keyed x CROSS JOIN units u ON u.visit_id = x.visit_id GROUP BY 1, 2, 3, 4
),
keys (key) AS (VALUES ('any'), ('part'), ('tdmrep_header'), ('tdmrep_meta'), ('tdmrep_file'))
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM complete_cells c CROSS JOIN keys q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
