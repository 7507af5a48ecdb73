-- id: I-23
-- title: Edits of the rules for AI agents, a year
-- question: How often must an opt-out be mended?
-- definition: Whether what robots.txt says to an agent that it names, or to one of the panels, differs
--   from the wave before, divided by the years between the two.
-- numerator: edits a year that were seen
-- denominator: sites observed in both waves whose robots.txt came whole in both and names an AI
--   agent in either
-- unit: site
-- kind: distribution
-- waves: 2
-- missing: none
-- caveat: The mean is the number to read, and at least the true one: several edits between two waves
--   are seen as one, and one that was taken back is not seen.
-- needs: an earlier wave of another day
-- given: (SELECT substr(n.started_at, 1, 10) > substr(o.started_at, 1, 10) FROM this_wave w JOIN waves n
--   USING (wave_id) CROSS JOIN earlier e JOIN waves o ON o.wave_id = e.wave_id)
-- literature: the community list changed its names 183 times in 29 months (computed from its
--   public history)
WITH edited AS (
  SELECT DISTINCT s.site_id FROM v_changes x JOIN sites s USING (host)
  WHERE x.subject LIKE 'access:%' AND x.subject <> 'access:*'
    AND x.kind NOT IN ('became_measured', 'became_unmeasured')
),
span AS (
  SELECT (julianday(substr(n.started_at, 1, 10)) - julianday(substr(o.started_at, 1, 10))) / 365.25
           AS years
  FROM this_wave w JOIN waves n USING (wave_id) CROSS JOIN earlier e
  JOIN waves o ON o.wave_id = e.wave_id
),
ai_named_before AS (
  SELECT DISTINCT r.policy_id
  FROM this_wave w JOIN agents a ON a.ruleset = w.ruleset AND a.first_listed IS NOT NULL
  JOIN robots_access r ON r.reader = 'rfc9309' AND r.agent_id = a.agent_id AND r.basis = 'own'
    AND r.policy_id IN (SELECT policy_before FROM twice)
)
SELECT t.stratum, t.weight, t.cluster, '' AS key, (d.site_id IS NOT NULL) / s.years AS value,
       count(*) AS n
FROM twice t CROSS JOIN span s LEFT JOIN edited d USING (site_id)
WHERE s.years > 0 AND NOT t.cut AND (t.policy_id IN (SELECT policy_id FROM ai_named)
                       OR t.policy_before IN (SELECT policy_id FROM ai_named_before))
GROUP BY 1, 2, 3, 4, 5
