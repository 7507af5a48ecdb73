-- What share of the measured sites blocks each strict8 agent?
SELECT agent, sum(root = 'disallowed') AS k, sum(root <> 'unmeasured') AS n,
       round(1.0 * sum(root = 'disallowed') / sum(root <> 'unmeasured'), 3) AS share
FROM v_agent_access
WHERE wave = 'demo' AND reader = 'rfc9309' AND agent IN (
  SELECT token FROM agents JOIN agent_panels USING (ruleset, agent_id)
  WHERE agent_panel = 'strict8')
GROUP BY agent ORDER BY share DESC, agent;
