-- id: I-28
-- title: Files on AI with a fault
-- question: How often is a file that speaks about AI miswritten?
-- definition: Files that name an AI agent, or try to, with the fault. A fault of writing is any but
--   cosmetic ones, choices (a broker left open, search blocked too, an agent named and allowed) and
--   retired names.
-- numerator: sites whose file has the fault
-- denominator: sites whose robots.txt came whole and names an AI agent, or tries to keep one out
-- unit: site
-- kind: share
-- missing: none
-- primary: writing
-- keys: writing = any fault of writing; * = {}
-- caveat: A file with a fault may work all the same, and need be no attempt: what fails is counted in
--   ineffective_intent. The other keys are codes of faults.
-- literature: of 28,191 files in May 2024: line without colon 736, rule before any agent 163,
--   several names in one line 123, byte-order mark 514 (computed from published data)
WITH named AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster FROM this_wave w JOIN units u
  WHERE u.observed AND NOT u.cut
    AND (u.policy_id IN (SELECT policy_id FROM ai_named)
      OR EXISTS (SELECT 1 FROM robots_attempts t
                 WHERE t.ruleset = w.ruleset AND t.body_id = u.body_id))
),
found AS (
  SELECT DISTINCT t.visit_id, d.code
  FROM this_wave w CROSS JOIN named t
  JOIN captures c ON c.visit_id = t.visit_id AND c.resource = '/robots.txt' AND c.superseded = 0
  JOIN defects d ON d.ruleset = w.ruleset AND d.capture_id = c.capture_id
  WHERE d.severity <> 'cosmetic'
),
keyed AS (
  SELECT visit_id, code AS key FROM found
  UNION SELECT visit_id, 'writing' FROM found
  WHERE code NOT IN ('robots-broker-open', 'robots-search-with-training',
                     'robots-googlebot-blocked', 'robots-training-open', 'robots-agent-retired',
                     'robots-variant-differs')
),
keys AS (SELECT 'writing' AS key UNION SELECT key FROM keyed),
hits AS (
  SELECT t.stratum, t.weight, t.cluster, x.key, count(*) AS sites
  FROM keyed x JOIN named t USING (visit_id) GROUP BY 1, 2, 3, 4
),
wholes AS (SELECT stratum, weight, cluster, count(*) AS sites FROM named GROUP BY 1, 2, 3)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM wholes c CROSS JOIN keys q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
