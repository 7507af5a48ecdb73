-- id: I-24
-- title: Agents listed since the file was last kept up
-- question: How much upkeep does an opt-out need?
-- definition: Names on the public lists of AI agents that are younger than the youngest name for
--   which the file has a group. The key `today`: those included that were listed only after the
--   wave, which no file of its day could name.
-- numerator: names listed later than the youngest name in the file
-- denominator: sites whose robots.txt names an agent of the public lists
-- unit: site
-- kind: distribution
-- missing: none
-- primary: (all)
-- keys: (all) = of the wave's day; today = by today's lists
-- caveat: The day of the last edit is not known; the youngest name stands in for it, and an edit
--   that added no new name is not seen. The lists begin on 27 March 2024.
-- literature: 67 names since October 2025 (computed from the public history of the list)
WITH listed AS (
  SELECT a.agent_id, a.first_listed, a.first_listed <= substr(v.started_at, 1, 10) AS of_its_day
  FROM this_wave w JOIN waves v USING (wave_id) JOIN agents a ON a.ruleset = w.ruleset
  WHERE a.first_listed IS NOT NULL
),
youngest AS (
  SELECT p.policy_id, max(l.first_listed) AS day
  FROM (SELECT DISTINCT policy_id FROM cells) p
  JOIN robots_access r ON r.policy_id = p.policy_id AND r.reader = 'rfc9309' AND r.basis = 'own'
  JOIN listed l USING (agent_id)
  GROUP BY 1
),
debt AS (
  SELECT day, key, (SELECT count(*) FROM listed l WHERE l.first_listed > d.day
                    AND (l.of_its_day OR key = 'today')) AS names
  FROM (SELECT DISTINCT day FROM youngest) d, (SELECT '' AS key UNION ALL SELECT 'today')
)
SELECT c.stratum, c.weight, c.cluster, d.key, d.names AS value, sum(c.sites) AS n
FROM cells c JOIN youngest y USING (policy_id) JOIN debt d USING (day)
GROUP BY 1, 2, 3, 4, 5
