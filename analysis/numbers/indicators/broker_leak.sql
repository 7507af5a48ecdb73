-- id: I-18
-- title: Agents blocked while the broker stays open
-- question: Does blocking a company keep the work from it?
-- definition: The agent may not fetch the root, but Common Crawl's CCBot may, whose crawls are a
--   source for training.
-- numerator: sites that leave CCBot in
-- denominator: sites that keep the agent out
-- unit: site
-- kind: share
-- missing: none
-- primary: GPTBot
-- keys: * = {} blocked
-- caveat: The key is the agent. Whether an operator trains on Common Crawl is not seen from here.
-- literature: 60 of 434 blockers, 12 of 86, 8 of 59 (computed from published data)
SELECT c.stratum, c.weight, c.cluster, r.token AS key,
       sum(c.sites * (b.root = 'allowed')) AS k, sum(c.sites) AS n
FROM cells c
JOIN roots r ON r.policy_id = c.policy_id AND r.root = 'disallowed' AND r.token <> 'CCBot'
JOIN roots b ON b.policy_id = c.policy_id AND b.token = 'CCBot'
  AND b.root <> 'unmeasured'
GROUP BY 1, 2, 3, 4
