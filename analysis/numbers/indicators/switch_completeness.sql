-- id: I-11
-- title: Agents that the switch covers
-- question: Does the switch reach everyone?
-- definition: Of the agents that train models and were known on the day of a platform's list, those
--   that the list names.
-- numerator: such agents on the list
-- denominator: agents for training that were announced or listed by then and not retired
-- unit: agent
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: * = the list of {}
-- caveat: The key is the platform with the day of its list; it says nothing about the panel. Agents
--   that bear no date are left out. A month without a day counts to its end.
-- needs: lists of what the switch of a platform names, in the judgement
-- given: EXISTS (SELECT 1 FROM this_wave w JOIN platform_switches s ON s.ruleset = w.ruleset)
-- literature: Squarespace: 10 names in July 2024, 26 in 2026 (secondary source)
WITH lists AS (
  SELECT DISTINCT w.ruleset, s.platform, s.as_of,
         CASE length(s.as_of) WHEN 7 THEN s.as_of || '-31' ELSE s.as_of END AS day
  FROM this_wave w JOIN platform_switches s ON s.ruleset = w.ruleset
),
known AS (
  SELECT l.platform, l.as_of, a.agent_id
  FROM lists l
  JOIN agents a ON a.ruleset = l.ruleset
  JOIN agent_purposes p ON p.ruleset = a.ruleset AND p.agent_id = a.agent_id
    AND p.purpose = 'train'
  WHERE coalesce(a.announced, a.first_listed) <= l.day AND coalesce(a.retired, '9999') > l.day
)
SELECT '*' AS stratum, 1.0 AS weight, '' AS cluster, k.platform || ' ' || k.as_of AS key,
       count(s.agent_id) AS k, count(*) AS n
FROM this_wave w CROSS JOIN known k
LEFT JOIN platform_switches s ON s.ruleset = w.ruleset AND s.platform = k.platform
  AND s.as_of = k.as_of AND s.agent_id = k.agent_id
GROUP BY 1, 2, 3, 4
