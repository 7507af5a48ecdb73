-- title: By operator
-- about: How many sites keep all agents of an operator out, how many some of them, and what does the
--   operator document? Agents are those known on the day of the wave, by RFC 9309, at the root.
--   What an operator documents is no observation of what its crawlers do.

-- Run _sites.sql of analysis/numbers/summary first.
WITH of_day AS MATERIALIZED (
  SELECT d.agent_id, a.operator FROM this_wave w
  JOIN wave_agents d ON d.wave_id = w.wave_id AND d.ruleset = w.ruleset
  JOIN agents a ON a.ruleset = d.ruleset AND a.agent_id = d.agent_id
  WHERE a.operator IS NOT NULL
),
counted AS (SELECT operator, count(*) AS agents FROM of_day GROUP BY 1),
files AS MATERIALIZED (
  SELECT policy_id, sum(sites) AS sites FROM judged WHERE NOT cut GROUP BY 1
),
roots AS (
  SELECT p.policy_id, p.sites, d.operator,
         max(coalesce(own.root, other.root) = 'disallowed') AS some,
         min(coalesce(own.root, other.root) = 'disallowed') AS every
  FROM files p
  CROSS JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0 AND other.root <> 'unmeasured'
  CROSS JOIN of_day d
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = d.agent_id
  GROUP BY 1, 3
)
SELECT w.wave, r.operator, c.agents,
       sum(r.sites * r.every) AS k_all_agents, sum(r.sites * r.some) AS k_any_agent,
       sum(r.sites) AS n, round(1.0 * sum(r.sites * r.every) / sum(r.sites), 4) AS share_all_agents,
       round(1.0 * sum(r.sites * r.some) / sum(r.sites), 4) AS share_any_agent,
       coalesce(o.robots_training, 'unknown') AS says_robots_stops_training,
       coalesce(o.reads, '') AS says_it_reads, coalesce(o.removal, 'unknown') AS says_removal
FROM roots r JOIN counted c USING (operator) CROSS JOIN this_wave w LEFT JOIN v_operators o USING (operator)
GROUP BY r.operator
ORDER BY share_any_agent DESC, r.operator;
