-- title: Agents kept out by name
-- question: Which share of sites keeps each agent out in a group that names it?
-- numerator: sites whose robots.txt disallows the root for this agent in its own group
-- denominator: sites whose whole robots.txt is known; a file that was cut short would count only
--   where it says yes
-- unit: site
-- caveat: A named block shows intent towards this agent; add agent_blocked_star for the effect.
WITH
this_wave AS (
  SELECT w.wave_id, w.name AS wave, w.panel_id, p.name AS panel, r.ruleset
  FROM waves w JOIN panels p USING (panel_id) LEFT JOIN current_rulesets r USING (wave_id)
  WHERE w.name = :wave
),
-- Sites per policy first: a million sites share far fewer policies, and only these are
-- multiplied with the agents. v_agent_access has a row per site, agent and reader.
-- A file that was cut short is told apart: it can show a rule, and never that there is none.
policies AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, j.policy_id,
         coalesce(c.data_loss OR (c.truncated AND j.robots_state <> 'too-large'), 0) AS cut,
         count(*) AS sites
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
  LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  GROUP BY 1, 2, 3
),
-- An agent without a row of its own gets the policy's answer for every other agent (agent 0).
answers AS (
  SELECT p.stratum, p.sites, a.token,
         NOT p.cut AND other.root <> 'unmeasured' AS whole_file,
         CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS root,
         CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis
  FROM this_wave w
  JOIN policies p
  JOIN agent_panels ap ON ap.ruleset = w.ruleset AND ap.agent_panel = 'strict8'
  JOIN wave_agents d ON d.wave_id = w.wave_id AND d.ruleset = w.ruleset AND d.agent_id = ap.agent_id
  JOIN agents a ON a.ruleset = ap.ruleset AND a.agent_id = ap.agent_id
  JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = ap.agent_id
),
counted AS (
  SELECT stratum, token AS key,
         sum(sites) FILTER (WHERE root = 'disallowed' AND basis = 'own' AND whole_file) AS k,
         sum(sites) FILTER (WHERE root <> 'unmeasured' AND whole_file) AS n,
         sum(sites) FILTER (WHERE root = 'disallowed' AND basis = 'own' AND NOT whole_file) AS told
  FROM answers GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, coalesce(sum(k), 0) AS k,
       coalesce(sum(n), 0) AS n, coalesce(sum(told), 0) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
