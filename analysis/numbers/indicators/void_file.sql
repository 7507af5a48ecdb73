-- id: I-31
-- title: Files that say nothing
-- question: How often is a file there and void?
-- definition: A file of its own (not robots.txt) is served, shows its grammar, and a strict reader
--   gets nothing out of it.
-- numerator: sites where the signal is malformed
-- denominator: sites where the signal is present or malformed
-- unit: site
-- kind: share
-- missing: none
-- primary: any
-- keys: any = any file; * = the file of {}
-- caveat: The key is the signal. A page served at the address of the file is no attempt and is not
--   counted.
-- literature: none published as a rate
WITH served AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster, f.signal,
         max(f.outcome = 'present') AS present
  FROM this_wave w JOIN units u
  JOIN captures c ON c.visit_id = u.visit_id AND c.superseded = 0
    AND c.resource NOT IN ('/', '/robots.txt') AND c.resource LIKE '/%'
  JOIN findings f ON f.ruleset = w.ruleset AND f.capture_id = c.capture_id
  WHERE f.outcome IN ('present', 'malformed')
  GROUP BY 1, 2, 3, 4, 5
)
SELECT stratum, weight, cluster, signal AS key, sum(NOT present) AS k, count(*) AS n
FROM served
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT stratum, weight, cluster, 'any', sum(void), count(*)
FROM (SELECT stratum, weight, cluster, visit_id, max(NOT present) AS void
      FROM served GROUP BY 1, 2, 3, 4)
GROUP BY 1, 2, 3
