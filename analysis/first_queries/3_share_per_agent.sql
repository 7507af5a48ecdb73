-- What share of the measured sites blocks each strict8 agent?
SELECT agent, sum(root = 'disallowed') AS k, count(*) AS n,
       round(1.0 * sum(root = 'disallowed') / count(*), 3) AS share
FROM v_access
WHERE wave = 'demo' AND whole AND agent IN (
  SELECT token FROM agents JOIN agent_panels USING (ruleset, agent_id)
  WHERE agent_panel = 'strict8')
GROUP BY agent ORDER BY share DESC, agent;
