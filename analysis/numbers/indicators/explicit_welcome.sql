-- id: I-04
-- title: Sites that let an agent in by name
-- question: Who invites AI crawlers?
-- definition: The agent has a group of its own that keeps it from nothing.
-- numerator: sites whose own group for the agent has extent none
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: GPTBot
-- keys: * = {} allowed
-- caveat: The key is the agent. An empty group is often a mistake: it shields the agent from the
--   rules for everybody; see ineffective_intent.
-- literature: IMC 2025: GPTBot 0.22 %; Thunderbit 2026: 108 of 7,248 (secondary sources)
SELECT c.stratum, c.weight, c.cluster, r.token AS key,
       sum(c.sites * (r.basis = 'own' AND r.extent = 'none')) AS k, sum(c.sites) AS n
FROM cells c JOIN roots r USING (policy_id)
WHERE r.root <> 'unmeasured'
GROUP BY 1, 2, 3, 4
