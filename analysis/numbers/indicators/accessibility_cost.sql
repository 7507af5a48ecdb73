-- id: I-45
-- title: People blocked by the walls
-- question: Who pays for blocking?
-- definition: Of the sites that a study asked as a plain browser, those that answered that control
--   with a challenge.
-- numerator: sites that set the control a challenge
-- denominator: sites with a control that was answered
-- unit: site
-- kind: share
-- missing: none
-- primary: (first)
-- keys: * = by the controls of {}
-- caveat: The key is the study. A control from one place at one hour; whether a person passes the
--   challenge, with or without help for the blind, is not seen.
-- literature: HasData: 8.2 % to 7.3 % (secondary source)
WITH controls AS (
  SELECT visit_id, stratum, weight, cluster, study, max(control = 'challenge') AS challenged
  FROM knocked WHERE control <> 'error' GROUP BY 1, 2, 3, 4, 5
)
SELECT stratum, weight, cluster, study AS key, sum(challenged) AS k, count(*) AS n
FROM controls GROUP BY 1, 2, 3, 4
