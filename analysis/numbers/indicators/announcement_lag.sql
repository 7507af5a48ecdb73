-- id: I-16
-- title: Days from announcement to block
-- question: How fast can creators react?
-- definition: For sites that keep an agent out by its own group: days from its announcement to the
--   first wave that shows it (`at most`), and to the last wave before that which shows none, or 0
--   where there is no such wave (`at least`). The true day lies between the two.
-- numerator: days
-- denominator: sites that keep the agent out by its own group in this wave
-- unit: site
-- kind: distribution
-- missing: none
-- primary: GPTBot, at most
-- keys: *, at most = {} blocked at most so many days after; *, at least = {} blocked at least so many
--   days after; *: at least = {}: at least so many days until that share of all sites refuses
--   (Turnbull); *: at most = {}: at most so many days until that share of all sites refuses
--   (Turnbull); *: first seen = {}: days until that share of all sites was first seen to refuse (Kaplan
--   and Meier)
-- adds: lags
-- caveat: Interval-censored by the waves: with one wave only the upper bound says anything. The rows of
--   its SELECT are of those that block. Those by Turnbull (1976) and by Kaplan and Meier (1958) are of all
--   sites looked at after the announcement, also of those that have not blocked yet: a quantile is
--   left out where it is not reached, or fewer than ten sites were under watch by then; they know no
--   weights. All waves up to this one that the ruleset judged count. A month without a day counts from
--   its first day for `at most`, from its last for `at least`.
-- literature: CCS: GPTBot 29 days, Google-Extended 40, ClaudeBot 80 (secondary source)
WITH days AS (
  SELECT v.wave_id, substr(v.started_at, 1, 10) AS day
  FROM this_wave w JOIN waves t ON t.wave_id = w.wave_id
  JOIN panels q ON q.name = w.panel
  JOIN waves v ON v.panel_id = q.panel_id AND v.started_at <= t.started_at
  JOIN judged_waves j ON j.wave_id = v.wave_id AND j.ruleset = w.ruleset
),
dated AS (
  SELECT agent_id, token, announced || CASE length(announced) WHEN 7 THEN '-01' ELSE '' END AS from_,
         CASE length(announced) WHEN 7 THEN date(announced || '-01', '+1 month', '-1 day')
                                ELSE announced END AS to_
  FROM panel_agents WHERE length(announced) IN (7, 10)
),
blockers AS (
  SELECT u.site_id, u.stratum, u.weight, u.cluster, a.*
  FROM units u JOIN roots r ON r.policy_id = u.policy_id AND r.basis = 'own'
    AND r.root = 'disallowed'
  JOIN dated a USING (agent_id)
  WHERE u.observed AND NOT u.cut
),
seen AS (
  SELECT b.site_id, b.agent_id, d.day, s.state = 'disallowed' AND s.basis = 'own' AS blocked
  FROM this_wave w CROSS JOIN blockers b CROSS JOIN days d
  JOIN visits v ON v.wave_id = d.wave_id AND v.site_id = b.site_id
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  JOIN root_access s ON s.policy_id = j.policy_id AND s.agent_id = b.agent_id
    AND s.state <> 'unmeasured'
),
firsts AS (SELECT site_id, agent_id, min(day) AS day FROM seen WHERE blocked GROUP BY 1, 2),
bounds AS (
  SELECT b.*, f.day AS first_day,
         (SELECT max(s.day) FROM seen s WHERE s.site_id = b.site_id AND s.agent_id = b.agent_id
          AND NOT s.blocked AND s.day < f.day) AS last_open
  FROM blockers b JOIN firsts f USING (site_id, agent_id)
)
SELECT stratum, weight, cluster, token || ', ' || q.column1 AS key,
       CASE q.column1 WHEN 'at most' THEN max(0, julianday(first_day) - julianday(from_))
         ELSE coalesce(max(0, julianday(last_open) - julianday(to_)), 0) END AS value,
       count(*) AS n
FROM bounds CROSS JOIN (VALUES ('at most'), ('at least')) q
GROUP BY 1, 2, 3, 4, 5
