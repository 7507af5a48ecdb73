-- What ruleset :b moved of what ruleset :a said of the same visits: root access by RFC 9309 of each
-- agent, the verdicts on use (strict and lenient), the state of robots.txt, and what each signal
-- found. :by_rule puts waves, agents and purposes together; `hosts` are the first :examples.
-- Distinct pairs of judgements are compared, not sites x agents: there are few of them.
WITH visits_judged AS (
  SELECT v.wave_id, s.host, a.policy_id AS policy_a, b.policy_id AS policy_b,
         a.use_policy_id AS use_a, b.use_policy_id AS use_b,
         a.robots_state AS state_a, b.robots_state AS state_b
  FROM judgements a
  JOIN judgements b ON b.ruleset = :b AND b.visit_id = a.visit_id
  JOIN visits v ON v.visit_id = a.visit_id
  JOIN sites s USING (site_id)
  WHERE a.ruleset = :a
),
numbered AS (
  SELECT *, row_number() OVER (
           PARTITION BY wave_id, policy_a, policy_b, use_a, use_b, state_a, state_b ORDER BY host
         ) AS place
  FROM visits_judged
),
pairs AS MATERIALIZED (
  SELECT wave_id, policy_a, policy_b, use_a, use_b, state_a, state_b, count(*) AS sites,
         group_concat(host, ' ') FILTER (WHERE place <= :examples) AS hosts
  FROM numbered
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
-- One row per pair and move, however many agents or purposes :by_rule puts together.
moves AS (
  SELECT DISTINCT p.*, iif(:by_rule, 'access', 'access:' || x.token) AS question,
         x.state AS before, y.state AS after, x.rule AS rule_before, y.rule
  FROM pairs p
  JOIN root_access x ON x.policy_id = p.policy_a
  JOIN root_access y ON y.policy_id = p.policy_b AND y.token = x.token
  WHERE x.state <> y.state
  UNION ALL
  SELECT DISTINCT p.*, iif(:by_rule, 'use', 'use:' || x.purpose),
         x.preference_strict, y.preference_strict, x.rule, y.rule
  FROM pairs p
  JOIN verdicts x ON x.use_policy_id = p.use_a
  JOIN verdicts y ON y.use_policy_id = p.use_b AND y.purpose = x.purpose
  WHERE x.preference_strict <> y.preference_strict
  UNION ALL
  SELECT DISTINCT p.*, iif(:by_rule, 'use-lenient', 'use-lenient:' || x.purpose),
         x.preference_lenient, y.preference_lenient, x.rule, y.rule
  FROM pairs p
  JOIN verdicts x ON x.use_policy_id = p.use_a
  JOIN verdicts y ON y.use_policy_id = p.use_b AND y.purpose = x.purpose
  WHERE x.preference_lenient <> y.preference_lenient
  UNION ALL
  SELECT p.*, 'robots', p.state_a, p.state_b, NULL, NULL FROM pairs p WHERE p.state_a <> p.state_b
),
-- A capture that has no row for a signal was read, and the signal is not there. Its rule is what
-- the finding notes.
both AS (
  SELECT capture_id, signal FROM findings WHERE ruleset = :a
  UNION
  SELECT capture_id, signal FROM findings WHERE ruleset = :b
),
found AS (
  SELECT DISTINCT v.wave_id, v.site_id, 'signal:' || f.signal AS question,
         coalesce(x.outcome, 'absent') AS before, coalesce(y.outcome, 'absent') AS after,
         x.note AS rule_before, y.note AS rule
  FROM both f
  LEFT JOIN findings x ON x.ruleset = :a AND x.capture_id = f.capture_id AND x.signal = f.signal
  LEFT JOIN findings y ON y.ruleset = :b AND y.capture_id = f.capture_id AND y.signal = f.signal
  JOIN captures c ON c.capture_id = f.capture_id AND c.superseded = 0
  JOIN visits v USING (visit_id)
  JOIN judgements a ON a.ruleset = :a AND a.visit_id = v.visit_id
  JOIN judgements b ON b.ruleset = :b AND b.visit_id = v.visit_id
  WHERE before <> after
),
found_at AS (
  SELECT f.*, s.host, row_number() OVER (
           PARTITION BY wave_id, question, before, after, rule_before, rule ORDER BY s.host
         ) AS place
  FROM found f JOIN sites s USING (site_id)
),
every AS (
  SELECT wave_id, question, before, after, rule_before, rule, sites, hosts FROM moves
  UNION ALL
  SELECT wave_id, question, before, after, rule_before, rule, count(*),
         group_concat(host, ' ') FILTER (WHERE place <= :examples)
  FROM found_at GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT iif(:by_rule, '(all)', w.name) AS wave, question, before, after, rule_before, rule,
       sum(sites) AS sites, group_concat(hosts, ' ') AS hosts
FROM every JOIN waves w USING (wave_id)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, sites DESC, 2, 3, 4, 5, 6;
