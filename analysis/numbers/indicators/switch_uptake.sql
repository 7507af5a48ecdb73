-- id: I-10
-- title: Creators who use the switch they have
-- question: Do creators use the switch of their platform?
-- definition: robots.txt keeps out, each by a group of its own, every crawler that the switch of the
--   platform names in one of the lists that we know, as far as the registry of agents has them.
-- numerator: sites whose file has all of a list
-- denominator: sites on a platform whose switch writes robots.txt and whose list is known
-- unit: site
-- kind: share
-- missing: none
-- caveat: The key is the platform. A creator who wrote the same lines by hand counts as well, and a
--   list that is newer than ours is not seen.
-- literature: Liu et al. 2024 on Squarespace: about 17 % (from memory, unverified)
WITH listed AS (
  SELECT DISTINCT s.platform, s.as_of, s.agent_id
  FROM this_wave w JOIN platform_switches s ON s.ruleset = w.ruleset
  JOIN platform_facts f ON f.ruleset = s.ruleset AND f.platform = s.platform
    AND f.cell = 'ai_switch_writes' AND f.value = 'robots'
  WHERE s.agent_id IS NOT NULL
),
sizes AS (SELECT platform, as_of, count(*) AS agents FROM listed GROUP BY 1, 2),
sites AS (
  SELECT u.visit_id, u.stratum, u.weight, u.cluster, x.platform, u.policy_id
  FROM this_wave w JOIN units u
  JOIN site_platforms x ON x.ruleset = w.ruleset AND x.visit_id = u.visit_id AND x.main = 1
    AND x.strength <> 'hint'
  WHERE u.observed AND x.platform IN (SELECT platform FROM sizes)
),
full AS (
  SELECT DISTINCT s.visit_id
  FROM sites s JOIN sizes z USING (platform)
  WHERE z.agents = (
    SELECT count(*) FROM listed l
    JOIN robots_access r ON r.policy_id = s.policy_id AND r.reader = 'rfc9309'
      AND r.agent_id = l.agent_id AND r.basis = 'own' AND r.root = 'disallowed'
    WHERE l.platform = z.platform AND l.as_of = z.as_of)
)
SELECT s.stratum, s.weight, s.cluster, s.platform AS key, count(f.visit_id) AS k, count(*) AS n
FROM sites s LEFT JOIN full f USING (visit_id)
GROUP BY 1, 2, 3, 4
