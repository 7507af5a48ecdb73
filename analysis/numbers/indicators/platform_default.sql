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
-- caveat: The key is the origin. `unknown`: the platform's default is not known. `no platform`: none
--   was found, or software that runs anywhere; templates of services show in I-07.
-- literature: none published
WITH attempts AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster, u.policy_id, c.platform, c.kind,
         c.ai_switch_default
  FROM this_wave w JOIN units u
  LEFT JOIN training t USING (policy_id)
  LEFT JOIN verdicts d ON d.use_policy_id = u.use_policy_id AND d.purpose = 'train'
  LEFT JOIN site_platforms x ON x.ruleset = w.ruleset AND x.visit_id = u.visit_id
    AND x.main = 1 AND x.strength <> 'hint'
  LEFT JOIN platform_cells c ON c.ruleset = x.ruleset AND c.platform = x.platform
  WHERE u.observed
    AND (t.named_blocked > 0 OR d.preference_strict IN ('disallowed', 'conditional'))
),
listed AS (
  SELECT DISTINCT s.platform, s.as_of, s.agent_id
  FROM this_wave w JOIN platform_switches s ON s.ruleset = w.ruleset
  WHERE s.agent_id IS NOT NULL
),
sizes AS (SELECT platform, as_of, count(*) AS agents FROM listed GROUP BY 1, 2),
switched AS (
  SELECT DISTINCT s.visit_id
  FROM attempts s JOIN sizes z USING (platform)
  WHERE z.agents = (
    SELECT count(*) FROM listed l
    JOIN robots_access r ON r.policy_id = s.policy_id AND r.reader = 'rfc9309'
      AND r.agent_id = l.agent_id AND r.basis = 'own' AND r.root = 'disallowed'
    WHERE l.platform = z.platform AND l.as_of = z.as_of)
),
answered AS (
  SELECT stratum, weight, cluster,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN visit_id IN (SELECT visit_id FROM switched) THEN 'switch'
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
