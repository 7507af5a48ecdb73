-- id: I-19
-- title: Opt-outs that admit the next agent
-- question: Does the opt-out hold for an agent that nobody has named yet?
-- definition: The file keeps a training agent out by name, and an agent that it does not name may
--   fetch the root.
-- numerator: sites that let an unnamed agent in
-- denominator: sites that block a training agent by name
-- unit: site
-- kind: share
-- missing: none
-- caveat: A reservation in another form (TDMRep, terms) may cover the unnamed agent; it is not
--   counted here.
-- literature: none published; expected near 0.95
SELECT c.stratum, c.weight, c.cluster, '' AS key,
       sum(c.sites * (t.others = 'allowed')) AS k, sum(c.sites) AS n
FROM cells c JOIN training t USING (policy_id)
WHERE t.named_blocked > 0 AND t.others <> 'unmeasured'
GROUP BY 1, 2, 3
