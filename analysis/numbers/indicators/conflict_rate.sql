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
-- primary: train
-- keys: train = on training; search = on search; ai_input = on answers of AI; * x * = {} against
--   {}, on any purpose
-- caveat: The key is the purpose, or a pair of signals on any purpose. A site with one source
--   cannot conflict and is counted. Variants of a site with other rules or headers are not counted
--   here; see variant_mismatch.
-- literature: Maango: 6,317 of 999,316 domains, February 2026 (secondary source)
WITH pairs AS (
  SELECT u.visit_id, k.purpose, min(k.signal_a, k.signal_b) || ' x ' || max(k.signal_a, k.signal_b)
           AS pair
  FROM this_wave w CROSS JOIN conflicts k ON k.ruleset = w.ruleset
  CROSS JOIN units u ON u.visit_id = k.visit_id
  WHERE u.complete AND NOT (k.signal_a = 'robots_access' AND k.signal_b = 'robots_access')
    -- Works are asked for on some sites only: their pairs are counted in work_contradictions.
    AND NOT EXISTS (SELECT 1 FROM signal_resources o WHERE o.ruleset = w.ruleset
                    AND o.resource LIKE 'work:%' AND o.signal IN (k.signal_a, k.signal_b))
    -- Headers of the home page against those of a variant: both are told with their address.
    AND NOT (k.signal_a = k.signal_b AND k.quote_a GLOB 'http*://*' AND k.quote_b GLOB 'http*://*')
),
keyed AS (SELECT visit_id, purpose AS key FROM pairs UNION SELECT visit_id, pair FROM pairs),
keys AS (
  SELECT key FROM keyed UNION VALUES ('train'), ('search'), ('ai_input')
),
hits AS (
  SELECT u.stratum, u.weight, u.cluster, x.key, count(*) AS sites
  FROM keyed x CROSS JOIN units u ON u.visit_id = x.visit_id GROUP BY 1, 2, 3, 4
)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM complete_cells c CROSS JOIN keys q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
