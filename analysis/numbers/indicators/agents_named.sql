-- id: I-22
-- title: How many agents a file names
-- question: How much work is an opt-out in robots.txt?
-- definition: Known agents with a group of their own, in files that name at least one.
-- numerator: agents named
-- denominator: sites that name an agent
-- unit: site
-- kind: distribution
-- missing: none
-- caveat: A stand-in for the lines an opt-out takes: one line for each name and one for each
--   group.
-- literature: Thunderbit 2026: 110 files name 100 agents and more (secondary source)
SELECT u.stratum, u.weight, u.cluster, '' AS key, rb.agents_named AS value, count(*) AS n
FROM this_wave w JOIN units u
JOIN robots_bodies rb ON rb.ruleset = w.ruleset AND rb.body_id = u.body_id
WHERE u.observed AND rb.agents_named > 0
GROUP BY 1, 2, 3, 4, 5
