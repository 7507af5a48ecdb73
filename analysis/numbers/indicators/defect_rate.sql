-- id: I-28
-- title: Attempts with a fault
-- question: Do attempts work?
-- definition: Faults that void, change or endanger what a file that names an AI agent was probably
--   meant to say; cosmetic ones are left out.
-- numerator: sites with the fault
-- denominator: sites whose robots.txt names an AI agent
-- unit: site
-- kind: share
-- missing: none
-- caveat: The key is the code of the fault, or `any`, or `voids` for those that void the
--   statement.
-- literature: of 28,191 files in May 2024: line without colon 736, rule before any agent 163,
--   several names in one line 123, byte-order mark 514 (computed from published data)
WITH tried AS (
  SELECT visit_id, stratum, weight, cluster FROM units
  WHERE observed AND policy_id IN (SELECT policy_id FROM ai_named)
),
found AS (
  SELECT DISTINCT t.visit_id, d.code, d.severity
  FROM this_wave w CROSS JOIN tried t
  JOIN captures c ON c.visit_id = t.visit_id AND c.resource = '/robots.txt' AND c.superseded = 0
  JOIN defects d ON d.ruleset = w.ruleset AND d.capture_id = c.capture_id
  WHERE d.severity <> 'cosmetic'
),
keyed AS (
  SELECT visit_id, code AS key FROM found
  UNION SELECT visit_id, 'any' FROM found
  UNION SELECT visit_id, 'voids' FROM found WHERE severity = 'voids'
),
keys AS (SELECT 'any' AS key UNION SELECT 'voids' UNION SELECT key FROM keyed),
hits AS (
  SELECT t.stratum, t.weight, t.cluster, x.key, count(*) AS sites
  FROM keyed x JOIN tried t USING (visit_id) GROUP BY 1, 2, 3, 4
),
wholes AS (SELECT stratum, weight, cluster, count(*) AS sites FROM tried GROUP BY 1, 2, 3)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM wholes c CROSS JOIN keys q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
