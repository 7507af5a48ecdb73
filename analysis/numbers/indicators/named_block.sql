-- id: I-02
-- title: Sites that block each agent by name
-- question: Whom do creators block on purpose?
-- definition: The agent has a group of its own in robots.txt, and by RFC 9309 may not fetch the
--   root.
-- numerator: sites that keep the agent from the root by its own group
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: GPTBot
-- keys: * = {} blocked by name
-- caveat: The key is the agent. A group may keep an agent from a part of the site only: such sites
--   are not counted.
-- literature: GPTBot 8.3 % (IMC 2025, crawl 2024-42), 10.0 % (HasData, September 2026), 7.4 % of
--   all (Crawlora); all secondary sources
SELECT c.stratum, c.weight, c.cluster, r.token AS key,
       sum(c.sites * (r.root = 'disallowed' AND r.basis = 'own')) AS k, sum(c.sites) AS n
FROM cells c JOIN roots r USING (policy_id)
WHERE r.root <> 'unmeasured'
GROUP BY 1, 2, 3, 4
