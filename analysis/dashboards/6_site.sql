-- title: One site
-- about: Everything that one site said in a wave, with the words, their line and the hash of the
--   file: how the visit ended, robots.txt, each training agent, statements, uses, faults and
--   contradictions. Without a host, the first site whose robots.txt names an agent.
WITH chosen (wave_id, wave, ruleset) AS (
  SELECT wave_id, name, ruleset FROM waves JOIN current_rulesets USING (wave_id)
  WHERE name = :wave
),
asked (host) AS (
  SELECT coalesce(nullif(trim(lower(:host)), ''), (
    SELECT host FROM v_robots WHERE wave = (SELECT wave FROM chosen) AND agents_named > 0
    ORDER BY host LIMIT 1))
),
rows (place, what, subject, says, evidence, line, url, sha256) AS (
  SELECT 1, 'visit', outcome, reason, detail, NULL, NULL, NULL
  FROM v_visits WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
  UNION ALL
  SELECT 2, 'robots.txt', state, groups || ' groups, ' || agents_named || ' agents named',
         'written by: ' || authorship, NULL, url, body_sha256
  FROM v_robots WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
  UNION ALL
  SELECT 3, 'agent', agent, root || coalesce(' (' || basis || ', ' || extent || ')', ''),
         rule_text, line, NULL, NULL
  FROM v_access WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
    AND (basis = 'own' OR agent IN (SELECT token FROM agents JOIN agent_panels
      USING (ruleset, agent_id) WHERE agent_panel = 'strict8'))
  UNION ALL
  SELECT 4, 'use', purpose, preference_strict || iif(preference_strict <> preference_lenient,
         ', to tolerant readers ' || preference_lenient, ''), rule, NULL, NULL, NULL
  FROM v_use WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
  UNION ALL
  SELECT 5, 'statement', st.signal, st.purpose || ' ' || st.preference || ' for ' || st.agent,
         st.quote, st.line, c.url, b.sha256
  FROM asked JOIN sites USING (host) CROSS JOIN chosen w
  CROSS JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = sites.site_id
  CROSS JOIN captures c USING (visit_id)
  CROSS JOIN statements st ON st.ruleset = w.ruleset AND st.capture_id = c.capture_id
  LEFT JOIN bodies b USING (body_id)
  UNION ALL
  SELECT 6, 'fault', code, severity || ': ' || effect, quote, line, url, NULL
  FROM v_defects WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
  UNION ALL
  SELECT 7, 'contradiction', purpose, signal_a || ' and ' || signal_b, quote_a || ' | ' || quote_b,
         NULL, NULL, NULL
  FROM v_conflicts WHERE wave = (SELECT wave FROM chosen) AND host = (SELECT host FROM asked)
)
SELECT wave, host, what, subject, says, evidence, line, url, sha256
FROM rows, chosen, asked ORDER BY place, subject, says;
