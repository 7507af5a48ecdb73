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
-- caveat: Nearly always by `*`: see purpose_mix for what that costs.
-- literature: of 15 agents: 1.4 % (German sites), 12 % (news 2026), 6.9 % (computed from published
--   data); BuzzStream 14 % (secondary source)
WITH nameable AS (SELECT agent_id FROM trainers WHERE is_token),
kept AS (
  SELECT t.policy_id, t.others, count(own.agent_id) AS apart,
         coalesce(sum(own.root = 'disallowed'), 0) AS apart_blocked
  FROM training t
  LEFT JOIN robots_access own ON own.policy_id = t.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id IN (SELECT agent_id FROM nameable)
  WHERE t.known
  GROUP BY 1, 2
)
SELECT c.stratum, c.weight, c.cluster, '' AS key,
       sum(c.sites * (k.apart_blocked = CASE WHEN k.others = 'disallowed' THEN k.apart
                                             ELSE (SELECT count(*) FROM nameable) END)) AS k,
       sum(c.sites) AS n
FROM cells c JOIN kept k USING (policy_id)
WHERE EXISTS (SELECT 1 FROM nameable)
GROUP BY 1, 2, 3
