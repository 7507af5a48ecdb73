-- id: I-51
-- title: Notices that are still there
-- question: Does a reservation stay?
-- definition: A statement against training (refused or on conditions) of the wave before is there
--   again: the same signal, the same preference, the same words.
-- numerator: sites with at least one of its notices still there
-- denominator: sites with such a notice in the wave before and a complete visit now
-- unit: site
-- kind: share
-- waves: 2
-- missing: none
-- primary: any
-- keys: any = any notice; * = notices of the signal {}
-- caveat: The key is the signal, or `any`. A notice whose words were edited counts as gone. Rules
--   of robots.txt for named agents are no statements; see reversal.
-- literature: HasData: 3 of 101 notices after one month (secondary source)
WITH notices AS MATERIALIZED (
  SELECT DISTINCT t.site_id, st.signal, st.preference, st.quote
  FROM this_wave w
  CROSS JOIN statements st ON st.ruleset = w.ruleset AND st.purpose = 'train'
    AND st.preference IN ('disallowed', 'conditional')
  CROSS JOIN captures c ON c.capture_id = st.capture_id
    AND c.resource NOT LIKE 'work:%'  -- other works may be shown in the later wave
  CROSS JOIN twice t ON t.visit_before = c.visit_id AND t.complete
),
present AS MATERIALIZED (
  SELECT DISTINCT t.site_id, st.signal, st.preference, st.quote
  FROM this_wave w
  CROSS JOIN statements st ON st.ruleset = w.ruleset AND st.purpose = 'train'
    AND st.preference IN ('disallowed', 'conditional')
  CROSS JOIN captures c ON c.capture_id = st.capture_id
    AND c.resource NOT LIKE 'work:%'  -- other works may be shown in the later wave
  CROSS JOIN twice t ON t.visit_id = c.visit_id
),
kept AS (
  SELECT site_id, signal, max(p.site_id IS NOT NULL) AS still
  FROM notices LEFT JOIN present p USING (site_id, signal, preference, quote)
  GROUP BY 1, 2
),
keyed AS (
  SELECT site_id, signal AS key, still FROM kept
  UNION ALL SELECT site_id, 'any', max(still) FROM kept GROUP BY 1
)
SELECT t.stratum, t.weight, t.cluster, x.key, sum(x.still) AS k, count(*) AS n
FROM keyed x JOIN twice t USING (site_id)
GROUP BY 1, 2, 3, 4
