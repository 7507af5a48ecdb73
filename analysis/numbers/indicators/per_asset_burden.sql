-- id: I-26
-- title: Works without a signal of their own
-- question: How much work is a signal in every file?
-- definition: Of the works whose metadata was read to the end of its carriers: those in which no
--   signal for works states a preference, strictly or leniently. At most three works of each
--   site are asked for, one of each kind, the largest on the page.
-- numerator: works without a statement of their own
-- denominator: works whose metadata was read
-- unit: work
-- kind: share
-- missing: none
-- caveat: The key is the kind of the work. A work with a notice of rights and no wish counts as one
--   without. What a delivery network has taken out cannot be told from what was never there.
-- literature: none published
WITH read_works AS (
  SELECT c.visit_id, c.capture_id, replace(substr(c.resource, 6), ':', '') AS kind,
         EXISTS (SELECT 1 FROM statements s
                 WHERE s.ruleset = w.ruleset AND s.capture_id = c.capture_id) AS stated
  FROM this_wave w
  JOIN captures c ON c.resource GLOB 'work:*' AND c.superseded = 0
  WHERE c.visit_id IN (SELECT visit_id FROM units)
    AND (EXISTS (SELECT 1 FROM statements s
                 WHERE s.ruleset = w.ruleset AND s.capture_id = c.capture_id)
      OR (c.status IN (200, 206) AND NOT EXISTS (
            SELECT 1 FROM findings f WHERE f.ruleset = w.ruleset
              AND f.capture_id = c.capture_id AND f.outcome = 'unmeasured')))
)
SELECT u.stratum, u.weight, u.cluster, r.kind AS key, sum(NOT r.stated) AS k, count(*) AS n
FROM units u JOIN read_works r ON r.visit_id = u.visit_id
WHERE u.observed
GROUP BY 1, 2, 3, 4
