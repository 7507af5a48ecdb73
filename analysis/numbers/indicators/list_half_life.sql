-- id: I-14
-- title: How much of the list of agents existed earlier
-- question: How long does a list of names last?
-- definition: Of the agents on the community list today, the share that was on it on the first day
--   of each month.
-- numerator: agents on the list by that day
-- denominator: agents on the list today
-- unit: agent
-- kind: share
-- missing: none
-- primary: (first)
-- keys: * = on the list by {}
-- caveat: The key is the day. The half-life is the age at which the share falls to one half. No
--   site is counted: the denominator is the list.
-- needs: days on which agents were listed, in the judgement
-- given: EXISTS (SELECT 1 FROM this_wave w JOIN agents a ON a.ruleset = w.ruleset WHERE a.first_listed
--   IS NOT NULL)
-- literature: half-life about 14 months, list of 22 August 2026 (computed from the public history
--   of the list)
WITH RECURSIVE listed AS (
  SELECT a.first_listed AS day FROM this_wave w JOIN agents a ON a.ruleset = w.ruleset
  WHERE a.first_listed IS NOT NULL
),
days (day) AS (
  SELECT date(min(day), 'start of month', '+1 month') FROM listed
  UNION ALL
  SELECT date(day, '+1 month') FROM days
  WHERE date(day, '+1 month') <= (SELECT max(day) FROM listed)
)
SELECT '*' AS stratum, 1.0 AS weight, '' AS cluster, d.day AS key,
       sum(l.day <= d.day) AS k, count(*) AS n
FROM days d CROSS JOIN listed l
GROUP BY 4
