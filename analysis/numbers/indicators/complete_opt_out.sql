-- id: I-15
-- title: Sites that keep every training agent out
-- question: Who manages a complete opt-out?
-- definition: By RFC 9309 no agent of the registry that trains models may fetch the root; names that
--   were retired or not known on the wave's day, and those without a known operator, are left out.
-- numerator: sites that keep all training agents from the root
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: Nearly always by `*`: see purpose_mix for what that costs.
-- literature: of 15 agents: 1.4 % (German sites), 12 % (news 2026), 6.9 % (computed from published
--   data); BuzzStream 14 % (secondary source)
SELECT c.stratum, c.weight, c.cluster, '' AS key,
       sum(c.sites * (CASE WHEN t.others = 'disallowed' THEN t.apart_blocked = t.apart
                           ELSE t.apart_blocked = t.trainers END)) AS k,
       sum(c.sites) AS n
FROM cells c JOIN training t USING (policy_id)
WHERE t.known AND t.trainers > 0
GROUP BY 1, 2, 3
