-- id: I-58
-- title: Refusals that offer a way to a licence
-- question: Who refuses, does that site say where to ask?
-- definition: Among sites that keep a training agent out by name or refuse training in a strict
--   statement: is there a machine-readable way to a licence?
-- numerator: sites with this way
-- denominator: sites whose visit was complete and that refuse training
-- unit: site
-- kind: share
-- missing: none
-- primary: any
-- keys: any = any way; rsl = a licence by RSL; payment = a demand of payment in an answer; policy = a
--   TDMRep policy, or a statement on conditions
-- caveat: Whether the way leads anywhere is not tried. An address for people in the imprint is none.
-- literature: none published
WITH refusing AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster
  FROM units u JOIN training t USING (policy_id)
  JOIN verdicts x ON x.use_policy_id = u.use_policy_id AND x.purpose = 'train'
  WHERE u.complete
    AND (t.named_blocked > 0 OR x.preference_strict IN ('disallowed', 'conditional'))
),
ways AS (
  SELECT DISTINCT r.visit_id,
         CASE WHEN f.signal LIKE 'rsl%' OR f.signal = 'robots_license' THEN 'rsl'
              WHEN f.signal = 'payment_required' THEN 'payment' ELSE 'policy' END AS way
  FROM this_wave w CROSS JOIN refusing r
  JOIN captures c ON c.visit_id = r.visit_id AND c.superseded = 0
    AND c.resource NOT LIKE 'work:%'  -- the site's way, whether its works were asked for or not
  JOIN findings f ON f.ruleset = w.ruleset AND f.capture_id = c.capture_id
    AND f.outcome = 'present'
  WHERE f.signal IN ('rsl_document', 'rsl_header', 'rsl_html', 'robots_license',
                     'payment_required', 'tdm_policy')
     OR EXISTS (SELECT 1 FROM statements s WHERE s.ruleset = f.ruleset
                AND s.capture_id = f.capture_id AND s.signal = f.signal AND s.purpose = 'train'
                AND s.strictness = 'strict' AND s.preference = 'conditional')
),
keyed AS (SELECT visit_id, way FROM ways UNION SELECT visit_id, 'any' FROM ways)
SELECT r.stratum, r.weight, r.cluster, q.column1 AS key, count(k.visit_id) AS k, count(*) AS n
FROM refusing r CROSS JOIN (VALUES ('any'), ('rsl'), ('payment'), ('policy')) q
LEFT JOIN keyed k ON k.visit_id = r.visit_id AND k.way = q.column1
GROUP BY 1, 2, 3, 4
