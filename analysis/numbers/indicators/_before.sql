-- What indicators over two waves count from besides `_units.sql`. Bind :before, an earlier wave
-- of the panel that this wave's ruleset judged too. `v_changes` speaks about these two waves.

CREATE TEMP TABLE earlier AS SELECT wave_id, name AS wave FROM waves WHERE name = :before;

-- One row per site that was observed in both waves, in the stratum it has now. `whole`: robots.txt
-- was not cut short in either; what did not come could be the change.
CREATE TEMP TABLE twice AS
SELECT u.site_id, u.stratum, u.weight, u.cluster, u.complete, u.visit_id, u.policy_id, u.body_id,
       v.visit_id AS visit_before, j.policy_id AS policy_before, c.body_id AS body_before,
       NOT (u.cut OR j.robots_state = 'too-large'
            OR coalesce(c.data_loss OR c.truncated OR c.status IS 206, 0)) AS whole
FROM earlier e JOIN this_wave w JOIN units u
JOIN visits v ON v.wave_id = e.wave_id AND v.site_id = u.site_id
JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  AND j.robots_state NOT IN ('refused', 'unreachable', 'unread')
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  AND j.robots_state IN ('rules', 'empty', 'not-robots', 'too-large')
WHERE u.observed;

CREATE INDEX temp.twice_by_site ON twice (site_id);

CREATE INDEX temp.twice_by_visit ON twice (visit_id);

CREATE INDEX temp.twice_by_visit_before ON twice (visit_before);

-- The answer of each policy of the earlier wave for each agent of the panels; see `roots`.
CREATE TEMP TABLE roots_before AS
SELECT p.policy_before AS policy_id, a.agent_id, a.token, coalesce(own.root, other.root) AS root
FROM (SELECT DISTINCT policy_before FROM twice) p
CROSS JOIN panel_agents a
JOIN robots_access other ON other.policy_id = p.policy_before AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_before AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id;

CREATE INDEX temp.roots_before_by_policy ON roots_before (policy_id);
