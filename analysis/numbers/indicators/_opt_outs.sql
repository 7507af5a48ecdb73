-- What indicators on public captures count from besides `_units.sql`: the sites that keep an agent
-- out that is said to learn from a public crawl, as `v_opt_outs` has them, but in sets. Empty where
-- `optout history` has loaded nothing.

CREATE TEMP TABLE corpus_agents AS
SELECT c.prefix, c.first, c.last, c.verified, c.agent, a.agent_id, a.announced
FROM this_wave w JOIN corpus_users c JOIN agents a ON a.ruleset = w.ruleset AND a.token = c.agent;

CREATE TEMP TABLE corpus_answers AS
SELECT p.policy_id, a.agent_id, coalesce(own.root, other.root) AS root
FROM this_wave w
CROSS JOIN (SELECT DISTINCT agent_id FROM corpus_agents) a
CROSS JOIN robots_policies p ON p.ruleset = w.ruleset
JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id;

CREATE INDEX temp.corpus_answers_by_policy ON corpus_answers (policy_id, agent_id);

CREATE TEMP TABLE refusers (site_id INTEGER PRIMARY KEY, host, stratum, weight, cluster);

INSERT INTO refusers
SELECT u.site_id, s.host, u.stratum, u.weight, u.cluster
FROM units u CROSS JOIN sites s USING (site_id)
WHERE u.policy_id IN (SELECT policy_id FROM corpus_answers WHERE root = 'disallowed');

-- Every look at a site that keeps one of them out now, by any wave that this ruleset judged.
CREATE TEMP TABLE looks AS
SELECT v.site_id, v.wave_id, j.policy_id,
       substr(coalesce(c.fetched_at, v.started_at), 1, 10) AS day,
       coalesce(c.truncated OR c.data_loss OR c.status IS 206, 0) AS cut
FROM this_wave t
CROSS JOIN refusers r
CROSS JOIN waves w
CROSS JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = r.site_id
JOIN judgements j ON j.ruleset = t.ruleset AND j.visit_id = v.visit_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id;

CREATE INDEX temp.looks_by_site ON looks (site_id);

-- A refusal began after the last day on which the site was seen open, at the latest on the first
-- on which it was seen closed after that.
CREATE TEMP TABLE opt_outs AS
WITH refusing AS (
  SELECT l.site_id, x.agent_id, l.day
  FROM this_wave t JOIN looks l USING (wave_id) JOIN corpus_answers x USING (policy_id)
  WHERE x.root = 'disallowed'
),
seen_open AS (
  SELECT r.site_id, r.agent_id,
         max(CASE WHEN x.root = 'allowed' AND NOT l.cut AND l.day < r.day THEN l.day END)
           AS last_open
  FROM refusing r
  JOIN looks l USING (site_id)
  JOIN corpus_answers x ON x.policy_id = l.policy_id AND x.agent_id = r.agent_id
  GROUP BY 1, 2
),
known AS (
  SELECT o.site_id, o.agent_id, o.last_open,
         min(CASE WHEN x.root = 'disallowed' AND (o.last_open IS NULL OR l.day > o.last_open)
             THEN l.day END) AS first_closed
  FROM seen_open o
  JOIN looks l USING (site_id)
  JOIN corpus_answers x ON x.policy_id = l.policy_id AND x.agent_id = o.agent_id
  GROUP BY 1, 2
)
SELECT r.stratum, r.weight, r.cluster, r.host, a.prefix, a.first, a.last, a.verified, a.agent,
       substr(a.announced || '-01', 1, 10) AS announced, k.last_open, k.first_closed
FROM known k JOIN corpus_agents a USING (agent_id) JOIN refusers r USING (site_id);
