-- id: I-56
-- title: Opt-outs that the platform decided
-- question: Do creators decide, or does a default decide for them?
-- definition: Who is behind a reservation against training: `default` where the platform reserves
--   works unless the creator objects, `switch` where robots.txt has all that the platform's switch
--   names, `own` where the platform reserves nothing by itself and the file is not the switch's.
-- numerator: sites of this origin
-- denominator: sites that keep an agent for training out by name, or reserve training on their home
--   page
-- unit: site
-- kind: share
-- missing: none
-- primary: default
-- keys: default = the platform reserves unless the creator objects; switch = the file has all that
--   the platform's switch names; own = neither, so the creator's own; unknown = the platform's
--   default is not known; no platform = no platform found
-- caveat: The key is the origin. What was known of the platform on the wave's day counts. `unknown`: the platform's default is not known. `no platform`: none
--   was found, or software that runs anywhere; templates of services show in I-07.
-- literature: none published
WITH attempts AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster, h.platform, h.kind, h.ai_switch_default
  FROM units u
  LEFT JOIN training t USING (policy_id)
  LEFT JOIN verdicts d ON d.use_policy_id = u.use_policy_id AND d.purpose = 'train'
  LEFT JOIN hosted h ON h.visit_id = u.visit_id
  WHERE u.observed
    AND (t.named_blocked > 0 OR d.preference_strict IN ('disallowed', 'conditional'))
),
answered AS (
  SELECT stratum, weight, cluster,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN visit_id IN (SELECT visit_id FROM switched WHERE NOT today) THEN 'switch'
              WHEN ai_switch_default = 'on' THEN 'default'
              WHEN ai_switch_default = 'off' THEN 'own'
              ELSE 'unknown' END AS answer
  FROM attempts
)
SELECT g.stratum, g.weight, g.cluster, a.column1 AS key,
       sum(g.answer = a.column1) AS k, count(*) AS n
FROM answered g
CROSS JOIN (VALUES ('default'), ('switch'), ('own'), ('unknown'), ('no platform')) a
GROUP BY 1, 2, 3, 4
