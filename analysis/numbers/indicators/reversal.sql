-- id: I-49
-- title: Agents allowed again
-- question: Do opt-outs last?
-- definition: By RFC 9309 the agent was kept from the root in the wave before, and may fetch it
--   now. These are the sites whose change of access is of the kind `lost`.
-- numerator: sites that let the agent in now
-- denominator: sites that kept the agent out in the wave before and whose answer is known now
-- unit: site
-- kind: share
-- waves: 2
-- missing: none
-- primary: GPTBot
-- keys: * = {} allowed again
-- caveat: The key is the agent. Why a site lets an agent in again (a licence, a mistake, another
--   provider) is not seen.
-- literature: HasData: 165 of 377 Cloudflare blockers; IMC 2025: 256 removals by crawl 2024-38;
--   Reuters Institute 2023: none (secondary sources)
SELECT c.stratum, c.weight, c.cluster, o.token AS key,
       sum(c.sites * (n.root = 'allowed')) AS k, sum(c.sites) AS n
FROM (SELECT stratum, weight, cluster, policy_before, policy_id, count(*) AS sites
      FROM twice GROUP BY 1, 2, 3, 4, 5) c
JOIN roots_before o ON o.policy_id = c.policy_before AND o.root = 'disallowed'
JOIN roots n ON n.policy_id = c.policy_id AND n.agent_id = o.agent_id AND n.root <> 'unmeasured'
GROUP BY 1, 2, 3, 4
