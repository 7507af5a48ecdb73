-- id: I-35
-- title: Sites whose sources oppose each other
-- question: Do creators contradict themselves without knowing?
-- definition: Two sources of the site give opposite answers on one purpose: statements, or a rule
--   of robots.txt against a statement.
-- numerator: sites with a conflict on the purpose
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: The key is the purpose, or a pair of signals on any purpose. A site with one source
--   cannot conflict and is counted.
-- literature: Maango: 6,317 of 999,316 domains, February 2026 (secondary source)
WITH pairs AS (
  SELECT u.visit_id, k.purpose, min(k.signal_a, k.signal_b) || ' x ' || max(k.signal_a, k.signal_b)
           AS pair
  FROM this_wave w JOIN units u JOIN conflicts k ON k.ruleset = w.ruleset
    AND k.visit_id = u.visit_id
  WHERE u.complete
),
keyed AS (SELECT visit_id, purpose AS key FROM pairs UNION SELECT visit_id, pair FROM pairs),
keys AS (
  SELECT key FROM keyed UNION VALUES ('train'), ('search'), ('ai_input')
)
SELECT u.stratum, u.weight, u.cluster, q.key, count(x.visit_id) AS k, count(*) AS n
FROM units u CROSS JOIN keys q LEFT JOIN keyed x ON x.visit_id = u.visit_id AND x.key = q.key
WHERE u.complete
GROUP BY 1, 2, 3, 4
