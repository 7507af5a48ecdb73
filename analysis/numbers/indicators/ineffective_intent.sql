-- id: I-29
-- title: Training agents named and yet let in
-- question: How often does naming an agent achieve nothing?
-- definition: The file names a training agent, and that agent may fetch the root all the same.
-- numerator: sites that leave a named training agent in (key `open`), or leave in every one that
--   they name (key `all_open`)
-- denominator: sites that name a training agent
-- unit: site
-- kind: share
-- missing: none
-- caveat: Includes sites that invite the agent on purpose with `Allow: /`; explicit_welcome counts
--   those.
-- literature: 40 of 1,293 (German sites), 11 of 95 (news 2026), 8 of 176 (computed from published
--   data; explicit Allow not removed)
SELECT c.stratum, c.weight, c.cluster, q.key,
       sum(c.sites * (CASE q.key WHEN 'open' THEN t.named_open > 0
                                 ELSE t.named_open = t.named END)) AS k,
       sum(c.sites) AS n
FROM cells c JOIN training t USING (policy_id)
CROSS JOIN (SELECT 'open' AS key UNION ALL SELECT 'all_open') q
WHERE t.named > 0 AND t.known
GROUP BY 1, 2, 3, 4
