-- id: I-03
-- title: Sites that keep each agent out
-- question: Who is blocked, whether named or not?
-- definition: By RFC 9309 the agent may not fetch the root, by a group of its own or by that of
--   everybody.
-- numerator: sites that keep the agent from the root
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: GPTBot
-- keys: * = {} blocked
-- caveat: The key is the agent. robots.txt is a request: this says what was asked for, not who
--   obeys.
-- literature: IMC 2025: `*` adds 1.47 percentage points (secondary source)
SELECT c.stratum, c.weight, c.cluster, r.token AS key,
       sum(c.sites * (r.root = 'disallowed')) AS k, sum(c.sites) AS n
FROM cells c JOIN roots r USING (policy_id)
WHERE r.root <> 'unmeasured'
GROUP BY 1, 2, 3, 4
