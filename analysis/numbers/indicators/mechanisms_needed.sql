-- id: I-21
-- title: Mechanisms needed to reach every operator
-- question: How many things must a creator set up?
-- definition: The smallest set of mechanisms (families of signals) that says no to training to all
--   operators that any of them reaches, by what is documented of who reads what. `told`: cells as they
--   are told. `high`: cells that nobody verified count as not read. `low`: they and the cells in doubt
--   (partly, contested, no cell at all) count as read.
-- numerator: mechanisms of the smallest set; of the keys on operators, operators that it reaches
-- denominator: mechanisms that can say no to training; of the keys on operators, operators
-- unit: mechanism
-- kind: extreme
-- missing: none
-- primary: told
-- keys: told = mechanisms needed, cells as told; low = at least, if all unverified cells are read; high =
--   mechanisms needed, only verified cells read; told: operators = operators reached, cells as told; low:
--   operators = operators reached at most, if all unverified cells are read; high: operators =
--   operators reached for certain, only verified cells read
-- caveat: A set reaches only operators that some mechanism reaches: `high` may need fewer mechanisms, and
--   reaches fewer operators. Operators are those with a cell. As the registry of the ruleset knows
--   them, whatever the day of the wave. What an operator says is no measurement of what it does.
-- needs: the matrix of who honours what, in the judgement
-- given: EXISTS (SELECT 1 FROM this_wave w JOIN honours h ON h.ruleset = w.ruleset)
-- literature: IPTC recommends thirteen techniques (secondary source)
WITH RECURSIVE cells_known AS (
  SELECT h.family, h.operator, h.honours, h.verified
  FROM this_wave w JOIN honours h ON h.ruleset = w.ruleset
  -- Snippets are about answers of a search engine, and payment is a wall: neither refuses training.
  WHERE h.family NOT IN ('snippets', 'data-nosnippet', 'payment')
),
mechanisms AS (
  SELECT family, row_number() OVER (ORDER BY family) - 1 AS bit
  FROM (SELECT DISTINCT family FROM cells_known)
),
read AS (
  SELECT q.column1 AS key, o.operator, m.bit
  FROM (SELECT DISTINCT operator FROM cells_known) o CROSS JOIN mechanisms m
  LEFT JOIN cells_known c ON c.operator = o.operator AND c.family = m.family
  CROSS JOIN (VALUES ('low'), ('told'), ('high')) q
  WHERE CASE q.column1
    WHEN 'low' THEN coalesce(NOT c.verified OR c.honours IN ('documented', 'partly', 'contested'), 1)
    WHEN 'told' THEN c.honours = 'documented'
    ELSE c.honours = 'documented' AND c.verified END
),
reached AS (  -- one bit for each mechanism that the operator reads
  SELECT key, reads, count(*) AS operators
  FROM (SELECT key, sum(1 << bit) AS reads FROM read GROUP BY key, operator)
  GROUP BY 1, 2
),
-- Every set of mechanisms that somebody reads, since one added after another may not give the smallest.
sets (key, taken, size, bit) AS (
  SELECT DISTINCT key, 0, 0, 0 FROM read
  UNION ALL
  SELECT s.key, s.taken + (t.column1 << s.bit), s.size + t.column1, s.bit + 1
  FROM sets s, (VALUES (0), (1)) t
  WHERE s.bit < (SELECT count(*) FROM mechanisms)
    AND (NOT t.column1 OR EXISTS (SELECT 1 FROM read r WHERE r.key = s.key AND r.bit = s.bit))
),
smallest AS (
  SELECT s.key, min(s.size) AS size FROM sets s
  WHERE s.bit = (SELECT count(*) FROM mechanisms)
    AND NOT EXISTS (SELECT 1 FROM reached r WHERE r.key = s.key AND NOT r.reads & s.taken)
  GROUP BY 1
)
SELECT '*' AS stratum, 1.0 AS weight, '' AS cluster, q.column1 AS key,
       coalesce(s.size, 0) AS k, (SELECT count(*) FROM mechanisms) AS n
FROM (VALUES ('low'), ('told'), ('high')) q LEFT JOIN smallest s ON s.key = q.column1
WHERE EXISTS (SELECT 1 FROM cells_known)
UNION ALL
SELECT '*', 1.0, '', q.column1 || ': operators',
       coalesce((SELECT sum(r.operators) FROM reached r WHERE r.key = q.column1), 0),
       (SELECT count(DISTINCT operator) FROM cells_known)
FROM (VALUES ('low'), ('told'), ('high')) q
WHERE EXISTS (SELECT 1 FROM cells_known)
