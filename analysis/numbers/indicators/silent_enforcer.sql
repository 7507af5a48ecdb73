-- id: I-41
-- title: Open on paper, refused in fact
-- question: Are there walls nobody announced?
-- definition: Of the sites whose robots.txt lets an agent fetch the root and whose answers to a
--   study's control were pages, those that refused a request under the agent's name, or set it a
--   challenge.
-- numerator: sites that refused the name of the agent
-- denominator: sites that let the agent in and served the control
-- unit: site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: *: * = {}: sites that let {} in
-- caveat: The key is the study and the agent. A demand of payment and a limit of the rate are no
--   refusal here. As for I-40.
-- literature: IMC 2025: 5.7 % Cloudflare (secondary source)
SELECT k.stratum, k.weight, k.cluster, k.study || ': ' || k.agent AS key,
       sum(k.came IN ('refused', 'challenge')) AS k, count(*) AS n
FROM this_wave w CROSS JOIN knocked k
CROSS JOIN agents a ON a.ruleset = w.ruleset AND a.token = k.agent COLLATE NOCASE
CROSS JOIN root_access r ON r.policy_id = k.policy_id AND r.agent_id = a.agent_id
WHERE k.known AND k.control = 'ok' AND k.came <> 'error' AND r.state = 'allowed'
GROUP BY 1, 2, 3, 4
