-- title: One site
-- about: Everything that one site said in a wave, with the words, their line and the hash of the
--   file: how the visit ended, robots.txt, each training agent, statements, uses, faults and
--   contradictions. Without a host, the first site whose robots.txt names an agent.
WITH chosen (wave) AS (SELECT :wave),
asked (host) AS (
  SELECT coalesce(nullif(trim(lower(:host)), ''), (
    SELECT r.host FROM v_robots r JOIN chosen USING (wave)
    WHERE r.agents_named > 0 ORDER BY r.host LIMIT 1))
),
rows (place, what, subject, says, evidence, line, url, sha256) AS (
  SELECT 1, 'visit', outcome, reason, detail, NULL, NULL, NULL
  FROM chosen JOIN v_visits USING (wave) JOIN asked USING (host)
  UNION ALL
  SELECT 2, 'robots.txt', state, groups || ' groups, ' || agents_named || ' agents named',
         authorship, NULL, url, body_sha256
  FROM chosen JOIN v_robots USING (wave) JOIN asked USING (host)
  UNION ALL
  SELECT 3, 'agent', agent, root || coalesce(' (' || basis || ', ' || extent || ')', ''),
         rule_text, line, NULL, NULL
  FROM chosen JOIN v_access USING (wave) JOIN asked USING (host)
  WHERE basis = 'own' OR agent IN (SELECT token FROM agents JOIN agent_panels
    USING (ruleset, agent_id) WHERE agent_panel = 'strict8')
  UNION ALL
  SELECT 4, 'use', purpose, preference_strict || iif(preference_strict <> preference_lenient,
         ', to tolerant readers ' || preference_lenient, ''), rule, NULL, NULL, NULL
  FROM chosen JOIN v_use USING (wave) JOIN asked USING (host)
  UNION ALL
  SELECT 5, 'statement', signal, purpose || ' ' || preference || ' for ' || agent, quote, line, url,
         NULL
  FROM chosen JOIN v_statements USING (wave) JOIN asked USING (host)
  WHERE signal <> 'robots_access'
  UNION ALL
  SELECT 6, 'fault', code, severity || ': ' || effect, quote, line, url, NULL
  FROM chosen JOIN v_defects USING (wave) JOIN asked USING (host)
  UNION ALL
  SELECT 7, 'contradiction', purpose, signal_a || ' and ' || signal_b, quote_a || ' | ' || quote_b,
         NULL, NULL, NULL
  FROM chosen JOIN v_conflicts USING (wave) JOIN asked USING (host)
)
SELECT wave, host, what, subject, says, evidence, line, url, sha256
FROM rows, chosen, asked ORDER BY place, subject, says;
