-- What the numbers count from, for one wave under its newest ruleset. Bind :wave. Each statement
-- is a table of its own, so that it can stand as a WITH too.

CREATE TEMP TABLE this_wave AS
SELECT w.wave_id, w.name AS wave, w.panel_id, p.name AS panel, r.ruleset
FROM waves w JOIN panels p USING (panel_id) LEFT JOIN current_rulesets r USING (wave_id)
WHERE w.name = :wave;

-- Judged sites per policy and set of verdicts: a million sites share far fewer, and only these
-- are multiplied with agents and purposes. `complete`: the visit ended ok or absent. `cut`: only a
-- part of robots.txt came, which can show a rule, and never that there is none. CROSS JOIN and NOT
-- INDEXED: by visit, in whose order the captures lie on disk.
CREATE TEMP TABLE judged AS
SELECT coalesce(ps.stratum, '(none)') AS stratum, j.policy_id, j.use_policy_id,
       v.outcome IN ('ok', 'absent') AS complete,
       coalesce(c.data_loss OR c.truncated OR c.status IS 206, 0)
         OR j.robots_state = 'too-large' AS cut,
       count(*) AS sites
FROM this_wave w
CROSS JOIN judgements j NOT INDEXED ON j.ruleset = w.ruleset
CROSS JOIN visits v ON v.visit_id = j.visit_id AND v.wave_id = w.wave_id
CROSS JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
GROUP BY 1, 2, 3, 4, 5;

-- What each policy answers each agent of strict8 at the root, by RFC 9309. An agent without a row
-- of its own gets the policy's answer for every other agent (agent 0); `entire`: that one is known.
CREATE TEMP TABLE answers AS
SELECT p.policy_id, a.token, other.root <> 'unmeasured' AS entire,
       EXISTS (SELECT 1 FROM wave_agents d WHERE d.wave_id = w.wave_id AND d.ruleset = w.ruleset
               AND d.agent_id = ap.agent_id) AS of_its_day,
       CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS root,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis
FROM this_wave w
JOIN (SELECT DISTINCT policy_id FROM judged) p
JOIN agent_panels ap ON ap.ruleset = w.ruleset AND ap.agent_panel = 'strict8'
JOIN agents a ON a.ruleset = ap.ruleset AND a.agent_id = ap.agent_id
JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = ap.agent_id;
