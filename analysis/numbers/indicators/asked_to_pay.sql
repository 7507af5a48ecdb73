-- id: I-42
-- title: Sites that ask for payment
-- question: Is there a way to a licence at the door?
-- definition: An answer to us carries a machine-readable demand of payment or licence (402 with a
--   price, or a licence challenge).
-- numerator: sites with such an answer
-- denominator: sites that answered at least one request
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: A site that never answered is unknown and not counted. What other clients are asked is not
--   seen: the survey never pretends to be another agent.
-- literature: Crawl Census 208 sites; HasData: 60 of 250 publishers, for GPTBot (secondary
--   sources)
WITH asked AS (
  SELECT DISTINCT c.visit_id
  FROM this_wave w JOIN findings f ON f.ruleset = w.ruleset
  JOIN captures c USING (capture_id)
  WHERE f.signal = 'payment_required' AND f.outcome = 'present'
)
SELECT u.stratum, u.weight, u.cluster, '' AS key, count(a.visit_id) AS k, count(*) AS n
FROM units u LEFT JOIN asked a USING (visit_id)
WHERE EXISTS (SELECT 1 FROM captures c WHERE c.visit_id = u.visit_id AND c.status IS NOT NULL)
GROUP BY 1, 2, 3
