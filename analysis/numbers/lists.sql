-- For each site of the panel of :wave that was seen with a list of agents, over all waves judged by
-- that wave's ruleset (:later = 0: not those begun after it): its stratum, the day on which its robots.txt first named at least ten agents and at least
-- half of those on the public lists of that day; the first later look at which it named less than
-- half of those of its own day; the last look; the last look before with half. Null: never seen so.
WITH this AS (
  SELECT w.panel_id, w.started_at, r.ruleset FROM waves w JOIN current_rulesets r USING (wave_id)
  WHERE w.name = :wave
),
listed AS (
  SELECT t.ruleset, a.agent_id, a.first_listed FROM this t JOIN agents a USING (ruleset)
  WHERE a.first_listed IS NOT NULL
),
seen AS (
  SELECT v.site_id, coalesce(p.stratum, '(none)') AS stratum, j.policy_id,
         substr(coalesce(c.fetched_at, v.started_at), 1, 10) AS day
  FROM this t
  JOIN panel_sites p ON p.panel_id = t.panel_id
  CROSS JOIN waves w ON :later OR w.started_at <= t.started_at
  JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = p.site_id
  JOIN judgements j ON j.ruleset = t.ruleset AND j.visit_id = v.visit_id
    AND j.robots_state NOT IN ('refused', 'unreachable', 'unread')
  LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  -- A file that was cut short could name more in the rest.
  WHERE NOT coalesce(c.truncated OR c.data_loss OR c.status IS 206, 0)
),
named AS (
  SELECT s.policy_id, s.day, count(r.agent_id) AS names,
         (SELECT count(*) FROM listed l WHERE l.first_listed <= s.day) AS list
  FROM (SELECT DISTINCT policy_id, day FROM seen) s
  JOIN robots_access other ON other.policy_id = s.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0 AND other.root <> 'unmeasured'
  LEFT JOIN (robots_access r JOIN listed l ON l.agent_id = r.agent_id)
    ON r.policy_id = s.policy_id AND r.reader = 'rfc9309' AND r.basis = 'own'
    AND l.first_listed <= s.day
  GROUP BY 1, 2
),
looks AS (
  SELECT s.site_id, s.stratum, s.day, n.names, 2 * n.names >= n.list AS fresh
  FROM seen s JOIN named n USING (policy_id, day)
),
copied AS (
  SELECT site_id, stratum, min(day) AS start FROM looks WHERE fresh AND names >= 10 GROUP BY 1, 2
),
old AS (
  SELECT c.site_id, c.stratum, c.start, min(CASE WHEN NOT l.fresh THEN l.day END) AS first_old,
         max(l.day) AS last_look
  FROM copied c JOIN looks l ON l.site_id = c.site_id AND l.day >= c.start
  GROUP BY 1, 2, 3
)
SELECT o.stratum, o.start, o.first_old, o.last_look,
       (SELECT max(l.day) FROM looks l WHERE l.site_id = o.site_id AND l.fresh
          AND (o.first_old IS NULL OR l.day < o.first_old)) AS last_fresh
FROM old o
ORDER BY o.site_id
