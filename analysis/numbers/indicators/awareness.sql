-- id: I-06
-- title: Sites whose signals are not a default
-- question: Do creators know that they can opt out?
-- definition: Whose the signal against training is, if there is one: the site's own where it is
--   neither a default of the platform nor the text of a service alone.
-- numerator: sites with this answer
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: own
-- keys: own = a signal of their own; default = a signal that a platform or service made; unknown = a
--   signal on a platform whose default is not known; silent = no signal against training
-- caveat: A stand-in for knowing. A default can be a decision that somebody agreed with, and a file
--   without a known fingerprint can be a template. Silence is no proof of not knowing. What was known of
--   the platform on the wave's day counts.
-- literature: Liu et al. 2024: 59 % of artists had never heard of robots.txt (secondary source)
WITH said AS (
  SELECT u.stratum, u.weight, u.cluster, h.platform, h.kind, h.ai_switch_default,
         x.preference_strict IN ('disallowed', 'conditional') AS stated, t.named_blocked > 0 AS ruled,
         coalesce(rb.authorship IN ('unknown', 'mixed'), 1) AS by_hand
  FROM this_wave w JOIN units u
  JOIN training t USING (policy_id)
  JOIN verdicts x ON x.use_policy_id = u.use_policy_id AND x.purpose = 'train'
  LEFT JOIN hosted h ON h.visit_id = u.visit_id
  LEFT JOIN robots_bodies rb ON rb.ruleset = w.ruleset AND rb.body_id = u.body_id
  WHERE u.complete
),
answered AS (
  SELECT stratum, weight, cluster,
         CASE WHEN NOT stated AND NOT ruled THEN 'silent'
              WHEN platform IS NOT NULL AND kind <> 'software' AND ai_switch_default = 'on'
                THEN 'default'
              WHEN NOT stated AND NOT by_hand THEN 'default'
              WHEN platform IS NOT NULL AND kind <> 'software' AND ai_switch_default <> 'off'
                THEN 'unknown'
              ELSE 'own' END AS answer
  FROM said
)
SELECT g.stratum, g.weight, g.cluster, a.column1 AS key,
       sum(g.answer = a.column1) AS k, count(*) AS n
FROM answered g CROSS JOIN (VALUES ('own'), ('default'), ('unknown'), ('silent')) a
GROUP BY 1, 2, 3, 4
