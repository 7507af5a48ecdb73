-- id: I-22
-- title: How many AI agents a file names
-- question: How much work is an opt-out in robots.txt?
-- definition: Known AI agents with a group of their own, in files that name at least one.
-- numerator: AI agents named
-- denominator: sites whose robots.txt names an AI agent
-- unit: site
-- kind: distribution
-- missing: none
-- caveat: A stand-in for the lines an opt-out takes: one line for each name and one for each
--   group.
-- literature: Thunderbit 2026: 110 files name 100 agents and more (secondary source)
SELECT c.stratum, c.weight, c.cluster, '' AS key, a.agents AS value, sum(c.sites) AS n
FROM cells c JOIN ai_named a USING (policy_id)
GROUP BY 1, 2, 3, 4, 5
