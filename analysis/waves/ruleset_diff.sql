-- Which verdicts ruleset :b moved from what ruleset :a said of the same visits.
-- Distinct pairs of policies are compared, not sites x agents: there are few of them.
WITH pairs AS (
  SELECT v.wave_id, a.policy_id AS policy_a, b.policy_id AS policy_b,
         a.use_policy_id AS use_a, b.use_policy_id AS use_b, count(*) AS sites
  FROM judgements a
  JOIN judgements b ON b.ruleset = :b AND b.visit_id = a.visit_id
  JOIN visits v ON v.visit_id = a.visit_id
  WHERE a.ruleset = :a
  GROUP BY 1, 2, 3, 4, 5
),
moves AS (
  SELECT p.wave_id, 'access:' || x.token AS question, x.state AS before, y.state AS after,
         y.rule, p.sites
  FROM pairs p
  JOIN root_access x ON x.policy_id = p.policy_a
  JOIN root_access y ON y.policy_id = p.policy_b AND y.token = x.token
  WHERE x.state <> y.state
  UNION ALL
  SELECT p.wave_id, 'use:' || x.purpose, x.preference_strict, y.preference_strict, y.rule, p.sites
  FROM pairs p
  JOIN verdicts x ON x.use_policy_id = p.use_a
  JOIN verdicts y ON y.use_policy_id = p.use_b AND y.purpose = x.purpose
  WHERE x.preference_strict <> y.preference_strict
)
SELECT w.name AS wave, question, before, after, rule, sum(sites) AS sites
FROM moves JOIN waves w USING (wave_id)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, sites DESC, 2, 3, 4, 5;
