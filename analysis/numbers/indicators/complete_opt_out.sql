-- id: I-15
-- title: Sites that keep every training agent out
-- question: Who manages a complete opt-out?
-- definition: By RFC 9309 no agent of the registry that trains models may fetch the root; names that
--   were retired or not known on the wave's day, those without a known operator, and those that are
--   no product token, so that no robots.txt can name them, are left out.
-- numerator: sites that keep all training agents from the root
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: (all)
-- keys: (all) = every agent; least, without * = at the least, where one agent is left out ({}); most,
--   without * = at the most, where one agent is left out ({})
-- caveat: Nearly always by `*`: see purpose_mix for what that costs. How much hangs on a single agent is
--   the range over leaving each out in turn; of equal ones the first by name is told.
-- literature: of 15 agents: 1.4 % (German sites), 12 % (news 2026), 6.9 % (computed from published
--   data); BuzzStream 14 % (secondary source)
WITH nameable AS (SELECT agent_id, token FROM trainers WHERE is_token),
kept AS (
  SELECT t.policy_id, t.others,
         CASE WHEN t.others = 'disallowed' THEN count(own.agent_id)
              ELSE (SELECT count(*) FROM nameable) END
           - coalesce(sum(own.root = 'disallowed'), 0) AS missed
  FROM training t
  LEFT JOIN robots_access own ON own.policy_id = t.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id IN (SELECT agent_id FROM nameable)
  WHERE t.known
  GROUP BY 1, 2
),
only_missed AS (
  SELECT k.policy_id, a.token
  FROM kept k CROSS JOIN nameable a
  LEFT JOIN robots_access own ON own.policy_id = k.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = a.agent_id
  WHERE k.missed = 1 AND coalesce(own.root, k.others) <> 'disallowed'
),
gains AS (  -- sites that would count besides, were this agent left out
  SELECT a.token, coalesce(sum(c.sites), 0) AS sites
  FROM nameable a
  LEFT JOIN only_missed o USING (token)
  LEFT JOIN cells c USING (policy_id)
  GROUP BY 1
),
left_out (key, token) AS (
  SELECT '', NULL
  UNION ALL
  SELECT * FROM (SELECT 'least, without ' || token, token FROM gains ORDER BY sites, token LIMIT 1)
  WHERE (SELECT count(*) FROM nameable) > 1
  UNION ALL
  SELECT * FROM (SELECT 'most, without ' || token, token FROM gains ORDER BY sites DESC, token LIMIT 1)
  WHERE (SELECT count(*) FROM nameable) > 1
)
SELECT c.stratum, c.weight, c.cluster, l.key,
       sum(c.sites * (k.missed = 0 OR o.token IS NOT NULL)) AS k, sum(c.sites) AS n
FROM cells c JOIN kept k USING (policy_id)
CROSS JOIN left_out l
LEFT JOIN only_missed o ON o.policy_id = k.policy_id AND o.token = l.token
WHERE EXISTS (SELECT 1 FROM nameable)
GROUP BY 1, 2, 3, 4
