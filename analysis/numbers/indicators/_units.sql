-- What every indicator counts from, for one wave under its newest ruleset. Bind :wave, and
-- :clusters = 1 to keep clusters apart (for the bootstrap), 0 to add them up.

CREATE TEMP TABLE this_wave AS
SELECT w.wave_id, w.name AS wave, w.panel_id, p.name AS panel, r.ruleset
FROM waves w JOIN panels p USING (panel_id) JOIN current_rulesets r USING (wave_id)
WHERE w.name = :wave;

-- One row per site that was visited. `observed`: robots.txt was answered, by a file or by a
-- plain "there is none", so that its rules are known to us, whatever became of the other pages
-- (a site that refuses us by its rules is observed). CROSS JOIN and NOT INDEXED: by visit, in
-- whose order the captures lie on disk.
CREATE TEMP TABLE units AS
SELECT v.visit_id, v.site_id, coalesce(ps.stratum, '(none)') AS stratum,
       coalesce(ps.weight, 1.0) AS weight,
       CASE WHEN :clusters THEN coalesce(ps.cluster, s.registrable_domain, s.host) ELSE '' END
         AS cluster,
       v.outcome, j.robots_state NOT IN ('refused', 'unreachable', 'unread') AS observed,
       v.outcome IN ('ok', 'absent') AS complete,
       coalesce(c.data_loss OR c.truncated OR c.status IS 206, 0)
         OR j.robots_state = 'too-large' AS cut,
       j.policy_id, j.use_policy_id, j.robots_state, c.body_id  -- null: no file was served
FROM this_wave w
CROSS JOIN judgements j NOT INDEXED ON j.ruleset = w.ruleset
CROSS JOIN visits v ON v.visit_id = j.visit_id AND v.wave_id = w.wave_id
CROSS JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
CROSS JOIN sites s ON s.site_id = v.site_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  AND j.robots_state IN ('rules', 'empty', 'not-robots', 'too-large');

CREATE INDEX temp.units_by_visit ON units (visit_id);

-- Few policies serve many sites: rules are looked at once per policy, not once per site. A file
-- that was cut short could count only where it says yes, so it counts neither way.
CREATE TEMP TABLE cells AS
SELECT stratum, weight, cluster, policy_id, count(*) AS sites
FROM units WHERE observed AND NOT cut
GROUP BY 1, 2, 3, 4;

-- The same sites whatever their policy: denominators that no rule enters.
CREATE TEMP TABLE complete_cells AS
SELECT stratum, weight, cluster, count(*) AS sites FROM units WHERE complete GROUP BY 1, 2, 3;

CREATE TEMP TABLE panel_agents AS
SELECT DISTINCT a.agent_id, a.token, a.operator, a.announced, a.superseded_by,
       EXISTS (SELECT 1 FROM agent_panels q WHERE q.ruleset = w.ruleset
               AND q.agent_panel = 'strict8' AND q.agent_id = a.agent_id) AS strict8
FROM this_wave w
JOIN agent_panels p ON p.ruleset = w.ruleset AND p.agent_panel IN ('strict8', 'wide12')
JOIN wave_agents d ON d.wave_id = w.wave_id AND d.ruleset = w.ruleset AND d.agent_id = p.agent_id
JOIN agents a ON a.ruleset = w.ruleset AND a.agent_id = p.agent_id;

-- The answer for each agent of the panels by each policy, by the letter of RFC 9309.
CREATE TEMP TABLE roots AS
SELECT p.policy_id, a.agent_id, a.token,
       coalesce(own.root, other.root) AS root,
       coalesce(own.extent, other.extent) AS extent,
       coalesce(own.basis, other.basis) AS basis,
       CASE WHEN own.root IS NULL THEN other.line ELSE own.line END AS line
FROM (SELECT DISTINCT policy_id FROM cells) p
CROSS JOIN panel_agents a
JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id;

CREATE INDEX temp.roots_by_policy ON roots (policy_id);

-- Whether a policy keeps every agent of strict8 from the root.
CREATE TEMP TABLE majors AS
SELECT policy_id, min(root = 'disallowed') AS blocked
FROM roots JOIN panel_agents USING (agent_id) WHERE strict8
GROUP BY 1;

-- Policies with a group for an AI agent: a name of the public lists of AI agents, or one that
-- trains or answers prompts. Googlebot and its like are none: most files that name them do not
-- speak about AI.
CREATE TEMP TABLE ai_named AS
SELECT r.policy_id, count(*) AS agents
FROM this_wave w
JOIN agents a ON a.ruleset = w.ruleset
JOIN robots_access r ON r.reader = 'rfc9309' AND r.agent_id = a.agent_id AND r.basis = 'own'
  AND r.policy_id IN (SELECT policy_id FROM cells)
WHERE a.first_listed IS NOT NULL
   OR EXISTS (SELECT 1 FROM agent_purposes p WHERE p.ruleset = a.ruleset
              AND p.agent_id = a.agent_id AND p.purpose IN ('train', 'ai_input', 'agent'))
GROUP BY 1;

-- Agents that train models, and how many of them each policy keeps from the root. Only what
-- differs from the answer for everybody else has a row of its own. An agent whose operator
-- nobody knows, or which was retired or not known yet on the wave's day, is none.
CREATE TEMP TABLE trainers AS
SELECT a.agent_id, a.token, a.operator, a.is_token
FROM this_wave w
JOIN wave_agents d ON d.wave_id = w.wave_id AND d.ruleset = w.ruleset
JOIN agents a ON a.ruleset = w.ruleset AND a.agent_id = d.agent_id
JOIN agent_purposes p ON p.ruleset = w.ruleset AND p.agent_id = a.agent_id
WHERE p.purpose = 'train' AND a.operator IS NOT NULL;

CREATE TEMP TABLE training AS
SELECT p.policy_id, other.root AS others,
       (SELECT count(*) FROM trainers) AS trainers,
       count(own.agent_id) AS apart,
       coalesce(sum(own.root = 'disallowed'), 0) AS apart_blocked,
       -- Of a file that was cut short only the rules that came are known.
       other.root <> 'unmeasured' AND coalesce(sum(own.root = 'unmeasured'), 0) = 0 AS known,
       coalesce(sum(own.basis = 'own'), 0) AS named,
       coalesce(sum(own.basis = 'own' AND own.root = 'disallowed'), 0) AS named_blocked,
       coalesce(sum(own.basis = 'own' AND own.root = 'allowed'), 0) AS named_open
FROM (SELECT DISTINCT policy_id FROM cells) p
JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id IN (SELECT agent_id FROM trainers)
GROUP BY 1, 2;

CREATE INDEX temp.training_by_policy ON training (policy_id);

-- What each file that came whole wants of training agents that it names: how many it wants from
-- the root (by RFC 9309, or by a reading that forgives its faults) and how many of these may fetch
-- it all the same; and the same of parts of the site. Rulesets before 4 did not ask.
CREATE TEMP TABLE tried AS
WITH files AS (
  SELECT DISTINCT u.policy_id, u.body_id, w.ruleset FROM this_wave w JOIN units u
  WHERE u.observed AND NOT u.cut AND u.body_id IS NOT NULL AND w.ruleset >= 4
),
wishes AS (
  SELECT f.policy_id, f.body_id, r.agent_id, r.root = 'disallowed' AS whole, 0 AS guessed
  FROM files f
  JOIN robots_access r ON r.policy_id = f.policy_id AND r.reader = 'rfc9309' AND r.basis = 'own'
    AND (r.root = 'disallowed' OR r.extent IN ('partial', 'all-but'))
  UNION ALL
  SELECT f.policy_id, f.body_id, t.agent_id, t.whole, 1
  FROM files f JOIN robots_attempts t ON t.ruleset = f.ruleset AND t.body_id = f.body_id
),
agents AS (
  SELECT policy_id, body_id, agent_id, max(whole) AS whole, max(guessed) AS guessed
  FROM wishes WHERE agent_id IN (SELECT agent_id FROM trainers)
  GROUP BY 1, 2, 3
)
SELECT a.policy_id, a.body_id, sum(a.whole) AS wanted,
       sum(a.whole AND a.guessed AND coalesce(own.root, other.root) = 'allowed') AS failed,
       sum(NOT a.whole) AS parts,
       sum(NOT a.whole AND a.guessed AND coalesce(own.extent, other.extent) = 'none')
         AS parts_failed
FROM agents a
JOIN robots_access other ON other.policy_id = a.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0 AND other.root <> 'unmeasured'
LEFT JOIN robots_access own ON own.policy_id = a.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id
GROUP BY 1, 2;

CREATE INDEX temp.tried_by_body ON tried (body_id, policy_id);

-- What was known on the wave's day of the platform that a site is on, and what is known today. No
-- row: none was found, or by a hint only.
CREATE TEMP TABLE platforms_known AS
SELECT 0 AS today, c.platform, c.title, c.kind, c.robots_edit, c.ai_switch, c.ai_switch_default,
       c.header_edit, c.meta_edit
FROM this_wave w JOIN wave_platform_cells c ON c.wave_id = w.wave_id AND c.ruleset = w.ruleset
UNION ALL
SELECT 1, c.platform, c.title, c.kind, c.robots_edit, c.ai_switch, c.ai_switch_default,
       c.header_edit, c.meta_edit
FROM this_wave w JOIN platform_cells c ON c.ruleset = w.ruleset;

CREATE TEMP TABLE on_platforms AS
SELECT x.visit_id, c.*
FROM this_wave w
JOIN site_platforms x ON x.ruleset = w.ruleset AND x.main = 1 AND x.strength <> 'hint'
  AND x.visit_id IN (SELECT visit_id FROM units)
JOIN platforms_known c ON c.platform = x.platform;

CREATE INDEX temp.on_platforms_by_visit ON on_platforms (visit_id, today);

CREATE TEMP VIEW hosted AS SELECT * FROM on_platforms WHERE NOT today;

-- Sites whose home page was read or whose platform shows otherwise; null: no platform. Once for all
-- creators, once more by what is known today, and once for their kind where that is known. `hinted`: a
-- platform may be there that too little shows.
CREATE TEMP TABLE looked AS
SELECT u.stratum, u.weight, u.cluster, q.creators, h.*,
       EXISTS (SELECT 1 FROM site_platforms x WHERE x.ruleset = w.ruleset
               AND x.visit_id = u.visit_id AND x.main = 1 AND x.strength = 'hint') AS hinted
FROM this_wave w JOIN units u
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = u.site_id
JOIN (SELECT '' AS creators, NULL AS creator_type, 0 AS today
      UNION SELECT 'known today: ', NULL, 1
      UNION SELECT creator_type || ': ', creator_type, 0 FROM panel_sites
      WHERE creator_type IS NOT NULL) q
  ON q.creator_type IS NULL OR q.creator_type = ps.creator_type
LEFT JOIN on_platforms h ON h.visit_id = u.visit_id AND h.today = q.today
WHERE h.platform IS NOT NULL
   OR EXISTS (SELECT 1 FROM asset_hosts a WHERE a.ruleset = w.ruleset AND a.visit_id = u.visit_id);

-- The crawlers that the switch of a platform named on a day, as far as the registry of agents has
-- them, by the wave's day and today; and the sites whose robots.txt keeps all of one such list out,
-- each by its own group.
CREATE TEMP TABLE switch_lists AS
SELECT DISTINCT q.today, s.platform, s.as_of, s.agent_id,
       EXISTS (SELECT 1 FROM platform_facts f WHERE f.ruleset = s.ruleset
               AND f.platform = s.platform AND f.cell = 'ai_switch_writes'
               AND f.value = 'robots') AS in_robots
FROM this_wave w JOIN waves v USING (wave_id)
JOIN platform_switches s ON s.ruleset = w.ruleset
JOIN (SELECT 0 AS today UNION ALL SELECT 1) q ON q.today
  OR iif(length(s.as_of) = 7, date(s.as_of || '-01', '+1 month', '-1 day'), s.as_of)
    <= substr(v.started_at, 1, 10)
WHERE s.agent_id IS NOT NULL;

CREATE TEMP TABLE switched AS
SELECT DISTINCT z.today, u.visit_id
FROM units u JOIN hosted h USING (visit_id)
JOIN (SELECT today, platform, as_of, count(*) AS agents FROM switch_lists GROUP BY 1, 2, 3) z
  USING (platform)
WHERE u.observed AND z.agents = (
  SELECT count(*) FROM switch_lists l
  JOIN robots_access r ON r.policy_id = u.policy_id AND r.reader = 'rfc9309'
    AND r.agent_id = l.agent_id AND r.basis = 'own' AND r.root = 'disallowed'
  WHERE l.today = z.today AND l.platform = z.platform AND l.as_of = z.as_of);

-- Sites that refuse training, by a rule that names an agent or in a strict statement, and were read
-- to the end: of others nobody knows whom their refusal does not reach.
CREATE TEMP VIEW refusing AS
SELECT u.visit_id, u.site_id, u.stratum, u.weight, u.cluster, u.policy_id
FROM units u JOIN training t USING (policy_id)
JOIN verdicts x ON x.use_policy_id = u.use_policy_id AND x.purpose = 'train'
WHERE u.complete AND t.known AND (t.named_blocked > 0 OR x.preference_strict = 'disallowed');

-- Whom a refusal of training should reach: who has an agent that trains, and who says that it reads
-- a signal other than robots.txt (some train and have no agent for it).
CREATE TEMP VIEW reachable AS
SELECT operator FROM trainers
UNION
SELECT h.operator FROM this_wave w JOIN honours h ON h.ruleset = w.ruleset
WHERE h.family <> 'robots' AND h.honours IN ('documented', 'partly');

-- Operators that a policy reaches, as they themselves document it. `sure`: wholly documented, and
-- every agent that trains and can be named is kept out.
CREATE TEMP VIEW robots_reach AS
SELECT t.policy_id, r.operator,
       coalesce(h.honours = 'documented' AND min(coalesce(own.root, other.root) = 'disallowed')
         FILTER (WHERE r.is_token), 0) AS sure
FROM this_wave w JOIN training t CROSS JOIN trainers r
JOIN robots_access other ON other.policy_id = t.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = t.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = r.agent_id
JOIN honours h ON h.ruleset = w.ruleset AND h.family = 'robots' AND h.operator = r.operator
  AND h.honours IN ('documented', 'partly')
WHERE t.known
GROUP BY 1, 2 HAVING max(coalesce(own.root, other.root) = 'disallowed');

-- Operators that a statement of a refusing site reaches, likewise. `sure`: wholly documented, and the
-- statement speaks of the whole site: of other pages than the home page nothing is known.
CREATE TEMP VIEW said_reach AS
SELECT u.visit_id, h.operator, h.family,
       max(h.honours = 'documented' AND st.scope = 'site') AS sure
FROM this_wave w JOIN refusing u
JOIN captures c ON c.visit_id = u.visit_id AND c.superseded = 0
JOIN statement_families st ON st.ruleset = w.ruleset AND st.capture_id = c.capture_id
JOIN honours h ON h.ruleset = w.ruleset AND h.family = st.family AND h.family <> 'robots'
  AND h.honours IN ('documented', 'partly')
WHERE st.purpose = 'train' AND st.preference = 'disallowed' AND st.strictness = 'strict'
  AND (st.agent = '*' OR EXISTS (
    SELECT 1 FROM agents a WHERE a.ruleset = w.ruleset AND a.token = st.agent COLLATE NOCASE
      AND a.operator = h.operator))
GROUP BY 1, 2, 3;

-- What a study found at the door of a site, under its own name or else with or without `www.`. CROSS
-- JOIN: from the probes on, which are few.
CREATE TEMP VIEW knocked AS
SELECT u.visit_id, u.stratum, u.weight, u.cluster, u.policy_id, u.observed AND NOT u.cut AS known,
       p.study, p.agent, p.came, p.control
FROM probes p
CROSS JOIN sites s ON s.host IN
  (p.host, 'www.' || p.host, CASE WHEN p.host LIKE 'www.%' THEN substr(p.host, 5) END)
CROSS JOIN units u ON u.site_id = s.site_id
WHERE p.host = s.host OR NOT EXISTS (
  SELECT 1 FROM probes x WHERE x.study = p.study AND x.host = s.host AND x.agent = p.agent);

-- Works of a page that came and were read to the end of their metadata. A survey that asks for none
-- has no row here, and so no work without a wish. `wishes`: any preference is stated, by the letter
-- or not; `refuses`: training is refused or restricted.
CREATE TEMP TABLE read_works AS
SELECT u.visit_id, u.stratum, u.weight, u.cluster, u.complete, u.policy_id, u.use_policy_id,
       k.capture_id, rtrim(substr(c.resource, 6), ':') AS kind, k.control, ps.creator_type,
       k.service, k.wish AS wish_fate, k.notice AS notice_fate,
       EXISTS (SELECT 1 FROM statements s WHERE s.ruleset = w.ruleset
               AND s.capture_id = k.capture_id) AS wishes,
       EXISTS (SELECT 1 FROM statements s WHERE s.ruleset = w.ruleset
               AND s.capture_id = k.capture_id AND s.purpose = 'train'
               AND s.preference <> 'allowed') AS refuses
FROM this_wave w
CROSS JOIN works k ON k.ruleset = w.ruleset AND k.problem IS NULL
CROSS JOIN captures c ON c.capture_id = k.capture_id AND c.superseded = 0
CROSS JOIN units u ON u.visit_id = c.visit_id
CROSS JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = u.site_id
WHERE NOT EXISTS (SELECT 1 FROM findings f WHERE f.ruleset = w.ruleset
                  AND f.capture_id = k.capture_id AND f.outcome = 'unmeasured');

-- The same by key: all, each kind, each sort of creator.
CREATE TEMP TABLE keyed_works AS
SELECT 'any' AS key, * FROM read_works
UNION ALL SELECT 'kind: ' || kind, * FROM read_works
UNION ALL SELECT 'creator: ' || creator_type, * FROM read_works WHERE creator_type IS NOT NULL;
