-- id: I-40
-- title: Blocked on paper, served in fact
-- question: Is the wish enforced?
-- definition: Of the sites whose robots.txt keeps an agent from the root and whose answers to a
--   study's control were pages, those that answered a request under the agent's name with a page.
-- numerator: sites that served the name of the agent
-- denominator: sites that block the agent and served the control
-- unit: site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: *: * = {}: sites that block {}
-- caveat: The key is the study and the agent. The study's day is another than the wave's: see
--   v_probes. A name in a request proves nothing about who sends it: a server that checks addresses
--   turns the probe away and lets the agent in, or the reverse. Whether the agent itself would have
--   asked is not seen.
-- literature: HasData: 39.5 % in July 2026 (secondary source)
SELECT k.stratum, k.weight, k.cluster, k.study || ': ' || k.agent AS key,
       sum(k.came = 'ok') AS k, count(*) AS n
FROM this_wave w CROSS JOIN knocked k
CROSS JOIN agents a ON a.ruleset = w.ruleset AND a.token = k.agent COLLATE NOCASE
CROSS JOIN root_access r ON r.policy_id = k.policy_id AND r.agent_id = a.agent_id
WHERE k.known AND k.control = 'ok' AND k.came <> 'error' AND r.state = 'disallowed'
GROUP BY 1, 2, 3, 4
