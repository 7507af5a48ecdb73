-- id: I-75
-- title: Conditions that a machine can read
-- question: Who says yes on conditions, can a machine read them?
-- definition: Of the sites that permit training on conditions or point to a licence, what of these
--   conditions came. readable: a document in RSL or by TDMRep with a permission and its terms, or a
--   demand of payment in a form for machines. for people: a policy came, as a page. pointed to: no
--   more than the address, or a document in which nothing could be read.
-- numerator: sites whose conditions are so
-- denominator: sites whose visit was complete and that say yes on conditions
-- unit: site
-- kind: share
-- missing: none
-- primary: readable
-- keys: readable = a machine can read them; for people = a page for people; pointed to = only
--   pointed to
-- caveat: That terms can be read says nothing of whether anybody grants the licence. What a
--   marketplace or a collecting society asks stands on no site and is in v_licence_routes.
-- literature: none published
WITH said AS MATERIALIZED (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster, f.signal, f.note,
         EXISTS (SELECT 1 FROM statements s WHERE s.ruleset = f.ruleset
                 AND s.capture_id = f.capture_id AND s.signal = f.signal AND s.purpose = 'train'
                 AND s.preference = 'conditional' AND s.strictness = 'strict') AS terms
  FROM this_wave w CROSS JOIN units u
  JOIN captures c ON c.visit_id = u.visit_id AND c.superseded = 0
  JOIN findings f ON f.ruleset = w.ruleset AND f.capture_id = c.capture_id
    AND f.outcome IN ('present', 'malformed')
  WHERE u.complete
),
answered AS (
  SELECT visit_id, stratum, weight, cluster,
         max(terms AND signal IN ('rsl_document', 'rsl_html', 'tdm_policy', 'payment_required'))
           AS readable,
         max(signal = 'tdm_policy' AND note IS 'human_readable') AS for_people,
         max(terms OR signal IN ('robots_license', 'rsl_header', 'rsl_html', 'rsl_document',
                                 'tdm_policy')) AS yes
  FROM said GROUP BY 1, 2, 3, 4 HAVING yes
)
SELECT a.stratum, a.weight, a.cluster, q.column1 AS key,
       sum(CASE q.column1 WHEN 'readable' THEN a.readable
           WHEN 'for people' THEN NOT a.readable AND a.for_people
           ELSE NOT a.readable AND NOT a.for_people END) AS k, count(*) AS n
FROM answered a CROSS JOIN (VALUES ('readable'), ('for people'), ('pointed to')) q
GROUP BY 1, 2, 3, 4
