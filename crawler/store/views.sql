-- The researcher views: plain columns, one sentence each in the data dictionary.
-- A name ending in _all carries every ruleset; the plain name shows, for each wave,
-- the newest ruleset it has been judged under.

CREATE VIEW current_rulesets AS
SELECT wave_id, max(ruleset) AS ruleset FROM judged_waves GROUP BY wave_id;

-- The day on which it is certain that each agent was known, and the day from which its name is
-- given up: of a month its last day. The lists begin on 2024-03-27, which means `by then`. An
-- agent without a date is never certain to have been known.
CREATE VIEW agent_days AS
SELECT ruleset, agent_id, token, coalesce(min(announced, listed), announced, listed) AS known_from,
       retired AS given_up
FROM (
  SELECT ruleset, agent_id, token,
         iif(length(announced) = 7, date(announced || '-01', '+1 month', '-1 day'), announced)
           AS announced,
         iif(length(first_listed) = 7, date(first_listed || '-01', '+1 month', '-1 day'),
             first_listed) AS listed,
         iif(length(retired) = 7, date(retired || '-01', '+1 month', '-1 day'), retired)
           AS retired
  FROM agents
);

-- The agents that were known on a wave's day, under each ruleset that judged it.
CREATE VIEW wave_agents AS
SELECT j.wave_id, j.ruleset, a.agent_id, a.token
FROM judged_waves j
JOIN waves w USING (wave_id)
JOIN agent_days a USING (ruleset)
WHERE a.known_from <= substr(w.started_at, 1, 10)
  AND (a.given_up IS NULL OR a.given_up > substr(w.started_at, 1, 10));

CREATE VIEW v_visits AS
SELECT w.name AS wave, p.name AS panel, s.host, s.registrable_domain,
       s.registrable_domain_private, ps.stratum, ps.sector, ps.creator_type, ps.country,
       ps.platform, ps.rank, ps.weight, ps.cluster,
       v.outcome, v.reason, v.detail, v.requests, v.bytes, v.started_at, v.finished_at
FROM visits v
JOIN waves w USING (wave_id)
JOIN panels p USING (panel_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id;

CREATE VIEW v_captures AS
SELECT w.name AS wave, s.host, c.resource, c.url, c.final_url, c.hops, c.status, c.failure,
       b.sha256 AS body_sha256, c.bytes, c.truncated, c.data_loss, c.superseded, c.tls, c.address,
       c.fetched_at, c.elapsed, c.detail, c.revalidated_from, c.capture_id
FROM captures c
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
LEFT JOIN bodies b USING (body_id);

CREATE VIEW v_attempts AS
SELECT w.name AS wave, s.host, a.attempt, a.outcome, a.reason, a.detail, a.again_at IS NOT NULL AS
       made_again, a.requests, a.bytes, a.started_at, a.finished_at
FROM attempts a
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id);

CREATE VIEW v_attempt_captures AS
SELECT w.name AS wave, s.host, c.attempt, c.resource, c.url, c.final_url, c.hops, c.status,
       c.failure, b.sha256 AS body_sha256, c.bytes, c.truncated, c.data_loss, c.superseded, c.tls,
       c.address, c.fetched_at, c.elapsed, c.detail, c.revalidated_from
FROM attempt_captures c
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
LEFT JOIN bodies b USING (body_id);

CREATE VIEW v_politeness AS
SELECT w.name AS wave, s.host, count(*) AS attempts, sum(a.requests) AS requests,
       sum(a.bytes) AS bytes, sum(a.waited) AS waited, min(a.shortest_gap) AS shortest_gap,
       max(a.crawl_delay) AS crawl_delay, max(a.retry_after) AS retry_after,
       min(a.started_at) AS started_at, max(a.finished_at) AS finished_at
FROM attempts a
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
GROUP BY a.wave_id, a.site_id;

-- What we were given and what a browser was, where a wave has asked for both.
CREATE VIEW v_cloaking AS
SELECT w.name AS wave, s.host, o.resource, b.url, o.status, b.status AS browser_status,
       b.failure AS browser_failure, o.body_id IS b.body_id AS same_body
FROM captures b
JOIN captures o ON o.visit_id = b.visit_id AND o.superseded = 0
  AND b.resource = 'variant:browser:' || o.resource
JOIN visits v ON v.visit_id = b.visit_id
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id);

-- A visit of an excluded host has no capture; a redirect or link to one is a capture that failed.
CREATE VIEW v_excluded AS
SELECT w.name AS wave, s.host, NULL AS url, e.entry, e.since, e.reason AS why
FROM visits v
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN exclusions e ON e.wave_id = v.wave_id AND e.entry = v.detail
WHERE v.reason = 'excluded' AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.visit_id = v.visit_id)
UNION ALL
SELECT w.name, s.host, c.final_url, e.entry, e.since, e.reason
FROM captures c
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN exclusions e ON e.wave_id = v.wave_id AND e.entry = c.detail
WHERE c.failure = 'excluded';

CREATE VIEW v_robots_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, j.robots_state AS state,
       coalesce(rb.groups, 0) AS groups, coalesce(rb.agents_named, 0) AS agents_named,
       b.sha256 AS body_sha256, rb.authorship, rb.template, c.url, c.status,
       ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
LEFT JOIN bodies b ON b.body_id = c.body_id
LEFT JOIN robots_bodies rb ON rb.ruleset = j.ruleset AND rb.body_id = c.body_id
  AND j.robots_state IN ('rules', 'empty', 'not-robots', 'too-large');

CREATE VIEW v_agent_access_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, a.token AS agent, a.operator, a.is_token, r.reader,
       CASE WHEN own.policy_id IS NULL THEN other.extent ELSE own.extent END AS extent,
       CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS root,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis,
       CASE WHEN own.policy_id IS NULL THEN other.line ELSE own.line END AS line,
       CASE WHEN own.policy_id IS NULL THEN other.rule ELSE own.rule END AS rule,
       CASE WHEN own.policy_id IS NULL THEN other.rule_text ELSE own.rule_text END AS rule_text,
       ps.weight, ps.country, ps.creator_type,
       other.root <> 'unmeasured' AND j.robots_state <> 'too-large'
         AND NOT coalesce(c.data_loss OR c.truncated OR c.status IS 206, 0) AS whole
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
JOIN agents a ON a.ruleset = j.ruleset
JOIN readers r ON r.ruleset = j.ruleset
JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = r.reader
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = r.reader
  AND own.agent_id = a.agent_id;

CREATE VIEW v_reader_disagreements_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, coalesce(a.token, '*') AS agent,
       d.rfc9309_root, d.google_root, d.protego_root, d.rfc9309_extent, d.google_extent,
       d.rfc9309_line, d.google_line,
       ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN reader_disagreements d ON d.policy_id = j.policy_id
LEFT JOIN agents a ON a.ruleset = j.ruleset AND a.agent_id = d.agent_id;

-- Beside the readers: where the file names the crawler that an operator says its own one follows,
-- and not that one.
CREATE VIEW v_vendor_fallbacks_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, a.token AS agent,
       t.token AS follows, theirs.reader, coalesce(own.root, other.root) AS root,
       CASE WHEN own.reader IS NULL THEN other.extent ELSE own.extent END AS extent,
       theirs.root AS vendor_root, theirs.extent AS vendor_extent, theirs.line, f.source,
       f.verification
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN agent_fallbacks f ON f.ruleset = j.ruleset
JOIN agents a ON a.ruleset = f.ruleset AND a.agent_id = f.agent_id
JOIN agents t ON t.ruleset = f.ruleset AND t.agent_id = f.fallback_id
CROSS JOIN robots_access theirs ON theirs.policy_id = j.policy_id AND theirs.agent_id = f.fallback_id
  AND theirs.reader = 'rfc9309' AND theirs.basis = 'own'
CROSS JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = theirs.reader
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = theirs.reader
  AND own.agent_id = f.agent_id
WHERE own.basis IS NOT 'own';

-- Sites of a wave whose files are one but for comments, sitemaps and host names.
CREATE VIEW v_template_clusters_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, rb.template, count(*) AS sites,
       count(DISTINCT coalesce(s.registrable_domain_private, s.host)) AS domains,
       count(DISTINCT c.body_id) AS bodies, max(rb.agents_named) AS agents_named,
       max(rb.authorship) AS authorship, min(s.host) AS example
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN captures c ON c.capture_id = j.robots_capture_id
JOIN robots_bodies rb ON rb.ruleset = j.ruleset AND rb.body_id = c.body_id
WHERE rb.template IS NOT NULL AND j.robots_state IN ('rules', 'empty', 'too-large')
GROUP BY w.wave_id, j.ruleset, rb.template
HAVING count(*) > 1;

CREATE VIEW v_signals_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, sr.signal, c.url, c.resource,
       coalesce(f.outcome, 'absent') AS outcome, f.note,
       st.quote, st.line, c.capture_id,
       ps.stratum, ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN captures c ON c.visit_id = v.visit_id AND c.superseded = 0
JOIN signal_resources sr ON sr.ruleset = j.ruleset AND sr.resource = c.resource
LEFT JOIN findings f ON f.ruleset = j.ruleset AND f.capture_id = c.capture_id
  AND f.signal = sr.signal
LEFT JOIN statements st ON st.ruleset = j.ruleset AND st.capture_id = c.capture_id
  AND st.signal = sr.signal AND st.seq = 0;

-- What must have been asked for before a signal can be absent; of a document that only a pointer
-- leads to, everything. Signals of works have no place: any work will do, and none tells nothing.
CREATE VIEW signal_places AS
SELECT s.ruleset, s.signal, r.resource
FROM signals s
JOIN signal_resources r ON r.ruleset = s.ruleset AND r.resource LIKE '/%'
  AND (r.signal = s.signal OR NOT EXISTS (
    SELECT 1 FROM signal_resources o
    WHERE o.ruleset = s.ruleset AND o.signal = s.signal
      AND (o.resource LIKE '/%' OR o.resource LIKE 'work:%')
  ))
GROUP BY 1, 2, 3;

-- One row per site: what all its captures say of a signal. `whole`: every place of the signal was
-- asked for and read to its end. Shares are of these sites only: where a part is missing, a signal
-- could be seen and never be absent.
CREATE VIEW v_site_signals_all AS
SELECT wave_id, ruleset, wave, host, stratum, signal,
       CASE WHEN seen & 4 THEN 'present' WHEN asked AND NOT seen & 1 AND seen & 2 THEN 'malformed'
            WHEN asked AND NOT seen & 1 THEN 'absent' ELSE 'unmeasured' END AS outcome,
       asked AND NOT seen & 1 AS whole, captures, weight, country, creator_type
FROM (
  SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, ps.weight, ps.country,
         ps.creator_type, g.signal,
         NOT EXISTS (
           SELECT 1 FROM signal_places n
           WHERE n.ruleset = j.ruleset AND n.signal = g.signal AND NOT EXISTS (
             SELECT 1 FROM captures c
             WHERE c.visit_id = j.visit_id AND c.superseded = 0 AND c.resource = n.resource)
         ) AND (
           NOT EXISTS (SELECT 1 FROM signal_resources o WHERE o.ruleset = j.ruleset
                       AND o.signal = g.signal AND o.resource LIKE 'work:%')
           OR EXISTS (SELECT 1 FROM captures c WHERE c.visit_id = j.visit_id AND c.superseded = 0
                      AND c.resource LIKE 'work:%')
         ) AS asked,
         coalesce((
           SELECT 4 * max(f.outcome = 'present' OR (f.outcome = 'malformed' AND f.signal IN
                            ('robots_prose', 'terms_prose') AND EXISTS (
                              SELECT 1 FROM statements x WHERE x.ruleset = f.ruleset
                              AND x.capture_id = f.capture_id AND x.signal = f.signal)))
                + 2 * max(f.outcome = 'malformed')
                + max(f.outcome = 'unmeasured' OR coalesce(f.note, '') IN ('truncated', 'encrypted', 'damaged',
                                                  'work_limit', 'work_type', 'no_reader')
                      OR (c.resource NOT LIKE 'work:%'
                          AND (c.truncated OR c.data_loss OR c.status IS 206)))
           FROM captures c
           JOIN signal_resources r ON r.ruleset = j.ruleset AND r.resource = c.resource
             AND r.signal = g.signal
           JOIN findings f ON f.ruleset = j.ruleset AND f.capture_id = c.capture_id
             AND f.signal = g.signal
           WHERE c.visit_id = j.visit_id AND c.superseded = 0
         ), 0) AS seen,
         (SELECT count(*) FROM captures c
          JOIN signal_resources r ON r.ruleset = j.ruleset AND r.resource = c.resource
            AND r.signal = g.signal
          WHERE c.visit_id = j.visit_id AND c.superseded = 0) AS captures
  FROM judgements j
  JOIN visits v USING (visit_id)
  JOIN waves w USING (wave_id)
  JOIN sites s USING (site_id)
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
  JOIN signals g ON g.ruleset = j.ruleset
);

-- Statements of robots.txt are read out of the policy of its body: an agent's own group,
-- or `*`, that settles the root. They are statements on access; the purpose is the agent's.
CREATE VIEW v_statements_all AS
SELECT w.wave_id, st.ruleset, w.name AS wave, s.host, st.signal, st.purpose, st.preference, st.strictness,
       st.agent, st.path, st.scope, st.quote, c.url, st.line, st.derived, st.stance, st.language,
       ps.stratum, ps.weight, ps.country, ps.creator_type
FROM statements st
JOIN captures c USING (capture_id)
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
UNION ALL
SELECT w.wave_id, j.ruleset, w.name, s.host, 'robots_access', ap.purpose, ra.root, 'strict',
       a.token, '/', 'site', ra.rule_text, c.url, ra.line, 1, NULL, NULL,
       ps.stratum, ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN captures c ON c.capture_id = j.robots_capture_id
JOIN robots_access ra ON ra.policy_id = j.policy_id AND ra.reader = 'rfc9309'
JOIN agents a ON a.ruleset = j.ruleset AND a.agent_id = ra.agent_id
JOIN agent_purposes ap ON ap.ruleset = j.ruleset AND ap.agent_id = a.agent_id
WHERE ra.line IS NOT NULL AND ra.basis = 'own' AND ra.root <> 'unmeasured'
  AND ap.purpose IN ('train', 'search', 'ai_input');

CREATE VIEW v_use_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, x.purpose, x.preference_strict,
       x.preference_lenient, x.rule, x.conflict,
       ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN verdicts x USING (use_policy_id);

-- How far an agent's rules reach over the links of the home page, by RFC 9309; null where the
-- page or robots.txt was not read, or the page links to nothing of its own.
CREATE VIEW v_link_access_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, a.token AS agent,
       coalesce(own.extent, other.extent) AS extent, l.links,
       CASE coalesce(own.extent, other.extent)
         WHEN 'none' THEN l.links WHEN 'all' THEN 0
         ELSE coalesce(k.allowed, CASE WHEN own.policy_id IS NULL THEN o.allowed END) END AS allowed,
       ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN agent_panels q ON q.ruleset = j.ruleset
  AND q.agent_panel IN ('strict8', 'ai-search8', 'user-fetch9')
JOIN agents a ON a.ruleset = j.ruleset AND a.agent_id = q.agent_id
JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id
LEFT JOIN own_links l ON l.ruleset = j.ruleset AND l.visit_id = j.visit_id
LEFT JOIN link_access k ON k.ruleset = j.ruleset AND k.visit_id = j.visit_id
  AND k.agent_id = a.agent_id
LEFT JOIN link_access o ON o.ruleset = j.ruleset AND o.visit_id = j.visit_id AND o.agent_id = 0;

CREATE VIEW v_defects_all AS
SELECT w.wave_id, d.ruleset, w.name AS wave, s.host, d.signal, d.code, d.severity, c.url, d.line,
       d.quote, d.effect,
       ps.stratum, ps.weight, ps.country, ps.creator_type
FROM defects d
JOIN captures c USING (capture_id)
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id;

CREATE VIEW v_conflicts_all AS
SELECT w.wave_id, k.ruleset, w.name AS wave, s.host, k.purpose, k.signal_a, k.quote_a, k.signal_b, k.quote_b,
       ps.stratum, ps.weight, ps.country, ps.creator_type
FROM conflicts k
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id;

CREATE VIEW purposes (purpose) AS VALUES ('train'), ('search'), ('ai_input');

-- Whom a statement on a purpose concerns, by the agent it names (in lower case). `*` concerns
-- the operators with an agent for the purpose, and all of whom something is known, since some
-- train without an agent for training.
CREATE VIEW addressees AS
SELECT a.ruleset, '*' AS agent, ap.purpose, a.operator
FROM agents a
JOIN agent_purposes ap USING (ruleset, agent_id)
WHERE a.operator IS NOT NULL AND ap.purpose IN ('train', 'search', 'ai_input')
UNION
SELECT h.ruleset, '*', p.purpose, h.operator
FROM honours h
JOIN purposes p
UNION
SELECT a.ruleset, lower(a.token), p.purpose, a.operator
FROM agents a
JOIN purposes p
WHERE a.operator IS NOT NULL;

-- Each statement with the family of `honours` it falls under. A word must stand in the
-- quotation on its own; one with a meaning for the statement's own agent comes first.
CREATE VIEW statement_families AS
SELECT st.ruleset, st.capture_id, st.signal, st.purpose, st.preference, st.strictness, st.agent,
       st.path, st.scope, st.quote, st.line, st.derived,
       (SELECT hs.family
        FROM signals sg
        JOIN honours_signals hs ON hs.ruleset = sg.ruleset AND hs.id = sg.id
        WHERE sg.ruleset = st.ruleset AND sg.signal = st.signal
          AND (hs.agent = '*' OR hs.agent = st.agent COLLATE NOCASE)
          AND (hs.word = '' OR
               ' ' || lower(st.quote) || ' ' GLOB '*[^a-z0-9-]' || hs.word || '[^a-z0-9-]*')
        ORDER BY hs.agent = '*', hs.family LIMIT 1) AS family
FROM statements st;

-- First robots.txt to each agent of an operator, then all other statements. A line about use in
-- the group of `*` does not reach an operator whose crawlers for that use all have groups of
-- their own: groups do not inherit (RFC 9309 section 2.2.1). CROSS JOIN keeps
-- the order, from wave and site on: SQLite has no figures of the tables to choose a better one.
CREATE VIEW v_reserved_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, a.operator, ap.purpose,
       'robots_access' AS signal, a.token AS agent,
       CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS preference,
       'strict' AS strictness, '/' AS path, 'site' AS scope,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis,
       CASE WHEN own.policy_id IS NULL THEN other.extent ELSE own.extent END AS extent,
       coalesce(h.honours, 'unknown') AS honours, h.verified, h.as_of, h.note, a.honours_robots,
       CASE WHEN own.policy_id IS NULL THEN other.rule_text ELSE own.rule_text END AS quote,
       c.url, CASE WHEN own.policy_id IS NULL THEN other.line ELSE own.line END AS line,
       1 AS derived
FROM waves w
JOIN judged_waves jw USING (wave_id)
JOIN visits v USING (wave_id)
JOIN sites s USING (site_id)
CROSS JOIN judgements j ON j.ruleset = jw.ruleset AND j.visit_id = v.visit_id
CROSS JOIN captures c ON c.capture_id = j.robots_capture_id
CROSS JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
CROSS JOIN agents a ON a.ruleset = j.ruleset AND a.operator IS NOT NULL
CROSS JOIN agent_purposes ap ON ap.ruleset = a.ruleset AND ap.agent_id = a.agent_id
  AND ap.purpose IN ('train', 'search', 'ai_input')
LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id
LEFT JOIN honours h ON h.ruleset = a.ruleset AND h.family = 'robots' AND h.operator = a.operator
WHERE CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END IN ('own', 'star')
UNION ALL
SELECT w.wave_id, st.ruleset, w.name, s.host, o.operator, st.purpose, st.signal, st.agent,
       st.preference, st.strictness, st.path, st.scope, NULL, NULL,
       coalesce(h.honours, 'unknown'), h.verified, h.as_of, h.note, NULL,
       st.quote, c.url, st.line, st.derived
FROM waves w
JOIN judged_waves jw USING (wave_id)
JOIN visits v USING (wave_id)
JOIN sites s USING (site_id)
CROSS JOIN captures c USING (visit_id)
CROSS JOIN statement_families st ON st.ruleset = jw.ruleset AND st.capture_id = c.capture_id
CROSS JOIN addressees o ON o.ruleset = st.ruleset AND o.purpose = st.purpose
  AND o.agent = lower(st.agent)
LEFT JOIN honours h ON h.ruleset = st.ruleset AND h.family = st.family
  AND h.operator = o.operator
WHERE st.agent <> '*'
  OR st.signal NOT IN ('robots_content_signal', 'robots_content_usage', 'robots_ai_training')
  OR NOT EXISTS (
    SELECT 1 FROM agents a
    JOIN agent_purposes ap ON ap.ruleset = a.ruleset AND ap.agent_id = a.agent_id
    WHERE a.ruleset = st.ruleset AND a.operator = o.operator AND ap.purpose = st.purpose)
  OR EXISTS (
    SELECT 1 FROM agents a
    JOIN agent_purposes ap ON ap.ruleset = a.ruleset AND ap.agent_id = a.agent_id
    JOIN judgements j ON j.ruleset = st.ruleset AND j.visit_id = v.visit_id
    LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = 'rfc9309'
      AND own.agent_id = a.agent_id AND own.basis = 'own'
    WHERE a.ruleset = st.ruleset AND a.operator = o.operator AND ap.purpose = st.purpose
      AND own.policy_id IS NULL);

CREATE VIEW v_honours_all AS
SELECT h.ruleset, h.operator, i.id, i.title, h.family,
       (SELECT group_concat(word, ', ') FROM (SELECT DISTINCT hs.word FROM honours_signals hs
         WHERE hs.ruleset = i.ruleset AND hs.id = i.id AND hs.family = h.family
           AND hs.word <> '' ORDER BY hs.word)) AS words,
       i.coverage, h.honours, h.verified, h.as_of, h.source, h.note
FROM honours h
JOIN inventory i ON i.ruleset = h.ruleset
WHERE EXISTS (SELECT 1 FROM honours_signals hs WHERE hs.ruleset = i.ruleset AND hs.id = i.id
              AND hs.family = h.family);

-- What is known of a platform, cell by cell; a cell without a fact is unknown.
CREATE VIEW platform_cells AS
SELECT p.ruleset, p.platform, p.title, p.kind,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'robots_edit'), 'unknown') AS robots_edit,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'ai_switch'), 'unknown') AS ai_switch,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'ai_switch_default'), 'unknown')
         AS ai_switch_default,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'header_edit'), 'unknown') AS header_edit,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'meta_edit'), 'unknown') AS meta_edit
FROM platforms p LEFT JOIN platform_facts f USING (ruleset, platform)
GROUP BY 1, 2;

-- The same as it was known on a wave's day: a fact counts from `since` on, or where that is not known
-- from the day up to which its source knew it; of a month from its last day. Before that the cell is
-- unknown, since a platform may have let creators do more or less.
CREATE VIEW wave_platform_cells AS
SELECT w.wave_id, p.ruleset, p.platform, p.title, p.kind,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'robots_edit'), 'unknown') AS robots_edit,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'ai_switch'), 'unknown') AS ai_switch,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'ai_switch_default'), 'unknown')
         AS ai_switch_default,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'header_edit'), 'unknown') AS header_edit,
       coalesce(max(f.value) FILTER (WHERE f.cell = 'meta_edit'), 'unknown') AS meta_edit
FROM judged_waves j
JOIN waves w USING (wave_id)
JOIN platforms p USING (ruleset)
LEFT JOIN platform_facts f ON f.ruleset = p.ruleset AND f.platform = p.platform
  AND iif(length(coalesce(f.since, f.as_of)) = 7,
          date(coalesce(f.since, f.as_of) || '-01', '+1 month', '-1 day'),
          coalesce(f.since, f.as_of)) <= substr(w.started_at, 1, 10)
GROUP BY 1, 2, 3;

CREATE VIEW v_platforms_all AS
SELECT w.wave_id, x.ruleset, w.name AS wave, s.host, ps.stratum, x.platform AS platform_id,
       c.title AS platform_title, c.kind AS platform_kind, x.main, x.strength, x.evidence,
       c.robots_edit, c.ai_switch, c.ai_switch_default, c.header_edit, c.meta_edit,
       ps.weight, ps.country, ps.creator_type
FROM site_platforms x
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN wave_platform_cells c ON c.wave_id = w.wave_id AND c.ruleset = x.ruleset
  AND c.platform = x.platform;

-- May the creator edit robots.txt of a host? On the site's own domain as its platform lets it, and
-- yes where no platform was found; never on a host that a platform or network has for everybody.
CREATE VIEW v_asset_hosts_all AS
SELECT w.wave_id, a.ruleset, w.name AS wave, s.host, ps.stratum, a.origin, a.host AS asset_host,
       a.control, a.platform AS platform_id, a.images, a.audio, a.videos, a.documents,
       a.images + a.audio + a.videos + a.documents AS works, a.example AS example_url,
       CASE WHEN a.control IN ('platform', 'shared-cdn') THEN 'no'
            WHEN a.control = 'own' AND c.platform IS NOT NULL AND c.kind <> 'software'
              THEN replace(c.robots_edit, 'partly', 'yes')
            WHEN a.control IN ('own', 'domain') THEN 'yes'
            ELSE 'unknown' END AS editable,
       ps.weight, ps.country, ps.creator_type
FROM asset_hosts a
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
LEFT JOIN site_platforms x ON x.ruleset = a.ruleset AND x.visit_id = a.visit_id AND x.main = 1
  AND x.strength <> 'hint'
LEFT JOIN wave_platform_cells c ON c.wave_id = w.wave_id AND c.ruleset = x.ruleset
  AND c.platform = x.platform;

-- One row per work of a page that was asked for, the origins of renditions left out. `whole`: it came
-- and its metadata was read to the end. The wishes are on training: the most restrictive one that
-- any of its signals states, null where there is none.
CREATE VIEW v_works_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, v.visit_id, c.capture_id,
       rtrim(substr(c.resource, 6), ':') AS kind, c.url, c.status, k.control, k.container,
       k.length, k.fetched, k.sha256, k.problem, k.signature,
       k.capture_id IS NOT NULL AND k.problem IS NULL AND NOT EXISTS (
         SELECT 1 FROM findings f WHERE f.ruleset = j.ruleset AND f.capture_id = c.capture_id
         AND f.outcome = 'unmeasured') AS whole,
       (SELECT st.preference FROM statements st
        WHERE st.ruleset = j.ruleset AND st.capture_id = c.capture_id AND st.purpose = 'train'
          AND st.strictness = 'strict'
        ORDER BY instr('disallowed conditional allowed', st.preference) LIMIT 1) AS wish_strict,
       (SELECT st.preference FROM statements st
        WHERE st.ruleset = j.ruleset AND st.capture_id = c.capture_id AND st.purpose = 'train'
        ORDER BY instr('disallowed conditional allowed', st.preference) LIMIT 1) AS wish_lenient,
       k.service, k.origin, k.origin_capture_id, k.wish AS wish_fate, k.notice AS notice_fate,
       ps.weight, ps.country, ps.creator_type
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN captures c ON c.visit_id = v.visit_id AND c.superseded = 0 AND c.resource LIKE 'work:%'
LEFT JOIN works k ON k.ruleset = j.ruleset AND k.capture_id = c.capture_id;

CREATE VIEW v_platforms AS
SELECT wave, host, stratum, platform_id, platform_title, platform_kind, main, strength, evidence,
       robots_edit, ai_switch, ai_switch_default, header_edit, meta_edit,
       weight, country, creator_type, ruleset
FROM v_platforms_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_asset_hosts AS
SELECT wave, host, stratum, origin, asset_host, control, platform_id, images, audio, videos,
       documents, works, example_url, editable,
       weight, country, creator_type, ruleset
FROM v_asset_hosts_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_works AS
SELECT wave, host, stratum, kind, url, status, control, container, length, fetched, sha256, problem,
       signature, whole, wish_strict, wish_lenient, service, origin, wish_fate, notice_fate,
       capture_id, origin_capture_id, weight, country, creator_type, ruleset
FROM v_works_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_refreshes AS
SELECT w.name AS wave, s.host, ps.stratum, c.final_url, x.seconds, x.sent_to,
       x.other_domain, x.quote, x.line, x.ruleset
FROM refreshes x
JOIN captures c USING (capture_id)
JOIN visits v ON v.visit_id = x.visit_id
JOIN waves w USING (wave_id)
JOIN current_rulesets r ON r.wave_id = w.wave_id AND r.ruleset = x.ruleset
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id;

-- Every cell of every card; one without a fact is unknown.
CREATE VIEW operator_cells (cell) AS VALUES
  ('seat'), ('jurisdiction'), ('agents_documented'), ('product_token'), ('training_token'),
  ('addresses_published'), ('dns_verification'), ('signed_requests'), ('robots_training'),
  ('robots_search'), ('robots_user'), ('crawl_delay'), ('training_summary'), ('code_of_practice'),
  ('removal'), ('licensing');

CREATE VIEW v_operator_facts_all AS
SELECT o.ruleset, o.operator, o.card, c.cell, coalesce(f.value, 'unknown') AS value, f.verified,
       f.as_of, f.source, f.address, f.note, o.version
FROM operators o
JOIN operator_cells c
LEFT JOIN operator_facts f ON f.ruleset = o.ruleset AND f.operator = o.operator
  AND f.cell = c.cell;

CREATE VIEW v_operator_facts AS
SELECT operator, card, cell, value, verified, as_of, source, address, note, version, ruleset
FROM v_operator_facts_all WHERE ruleset = (SELECT max(ruleset) FROM rulesets);

CREATE VIEW v_operators AS
SELECT operator, card,
       max(value) FILTER (WHERE cell = 'seat') AS seat,
       max(value) FILTER (WHERE cell = 'jurisdiction') AS jurisdiction,
       max(value) FILTER (WHERE cell = 'agents_documented') AS agents_documented,
       (SELECT count(*) FROM agents a WHERE a.ruleset = f.ruleset AND a.operator = f.operator)
         AS agents,
       max(value) FILTER (WHERE cell = 'product_token') AS product_token,
       max(value) FILTER (WHERE cell = 'training_token') AS training_token,
       max(value) FILTER (WHERE cell = 'addresses_published') AS addresses_published,
       max(value) FILTER (WHERE cell = 'dns_verification') AS dns_verification,
       max(value) FILTER (WHERE cell = 'signed_requests') AS signed_requests,
       max(value) FILTER (WHERE cell = 'robots_training') AS robots_training,
       max(value) FILTER (WHERE cell = 'robots_search') AS robots_search,
       max(value) FILTER (WHERE cell = 'robots_user') AS robots_user,
       max(value) FILTER (WHERE cell = 'crawl_delay') AS follows_crawl_delay,
       (SELECT group_concat(family, ', ') FROM (SELECT h.family FROM honours h
         WHERE h.ruleset = f.ruleset AND h.operator = f.operator
           AND h.honours IN ('documented', 'partly') ORDER BY h.family)) AS reads,
       (SELECT group_concat(told, ', ') FROM (SELECT a.token || ' ' || e.effect AS told
         FROM operator_effects e JOIN agents a USING (ruleset, agent_id)
         WHERE e.ruleset = f.ruleset AND e.operator = f.operator ORDER BY 1)) AS effects,
       max(value) FILTER (WHERE cell = 'training_summary') AS training_summary,
       max(value) FILTER (WHERE cell = 'code_of_practice') AS code_of_practice,
       max(value) FILTER (WHERE cell = 'removal') AS removal,
       max(value) FILTER (WHERE cell = 'licensing') AS licensing,
       sum(value = 'unknown') AS cells_unknown, version, ruleset
FROM v_operator_facts f
GROUP BY operator;

-- What differs from the ruleset before that has cards; a card that was not there was unknown.
CREATE VIEW v_operator_changes AS
SELECT b.ruleset AS ruleset_from, n.ruleset AS ruleset_to, n.operator, n.cell,
       coalesce(o.value, 'unknown') AS before, n.value AS after, n.as_of, n.source
FROM v_operator_facts_all n
JOIN (SELECT DISTINCT a.ruleset AS later, max(e.ruleset) AS ruleset
      FROM operators a JOIN operators e ON e.ruleset < a.ruleset GROUP BY 1) b
  ON b.later = n.ruleset
LEFT JOIN v_operator_facts_all o ON o.ruleset = b.ruleset AND o.operator = n.operator
  AND o.cell = n.cell
WHERE coalesce(o.value, 'unknown') <> n.value;

CREATE VIEW v_probes AS
SELECT p.study, t.made_by, t.day AS study_day, p.host, p.agent, p.came, p.control, p.status,
       t.method, t.source, p.row
FROM probes p JOIN studies t USING (study);

CREATE VIEW v_compliance AS
SELECT r.study, t.made_by, t.day AS study_day, r.agent, r.directive, r.obeyed, r.n, r.traffic,
       t.method, t.source, r.row
FROM compliance_rates r JOIN studies t USING (study);

CREATE VIEW v_removal_routes AS
SELECT operator, route, title, removes, covers, corpus, how, address, days, account, documented,
       verified, as_of, source, note, ruleset
FROM removal_routes WHERE ruleset = (SELECT max(ruleset) FROM rulesets);

CREATE VIEW v_licence_routes AS
SELECT route, title, way, operator, run_by, asks, open_to, signals, verified, as_of, source, note,
       ruleset
FROM licence_routes WHERE ruleset = (SELECT max(ruleset) FROM rulesets);

CREATE VIEW v_platform_facts AS
SELECT f.platform AS platform_id, p.title AS platform_title, p.kind AS platform_kind, f.cell,
       f.value, f.since AS holds_since, f.as_of, f.verified, f.source, f.note, f.ruleset
FROM platform_facts f JOIN platforms p USING (ruleset, platform)
WHERE f.ruleset = (SELECT max(ruleset) FROM rulesets);

CREATE VIEW v_robots AS
SELECT wave, host, stratum, state, groups, agents_named, body_sha256, authorship, template, url,
       status,
       weight, country, creator_type, ruleset
FROM v_robots_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_agent_access AS
SELECT wave, host, stratum, agent, operator, is_token, reader, extent, root, basis, line, rule,
       rule_text, whole, weight, country, creator_type, ruleset
FROM v_agent_access_all JOIN current_rulesets USING (wave_id, ruleset);

-- v_agent_access by the main reader only: one row per site and agent, so that a count of rows is a
-- count of sites.
CREATE VIEW v_access AS
SELECT wave, host, stratum, agent, operator, is_token, extent, root, basis, line, rule, rule_text,
       whole, weight, country, creator_type, ruleset
FROM v_agent_access WHERE reader = 'rfc9309';

CREATE VIEW v_site_signals AS
SELECT wave, host, stratum, signal, outcome, whole, captures, weight, country, creator_type, ruleset
FROM v_site_signals_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_reader_disagreements AS
SELECT wave, host, stratum, agent, rfc9309_root, google_root, protego_root, rfc9309_extent,
       google_extent, rfc9309_line, google_line,
       weight, country, creator_type, ruleset
FROM v_reader_disagreements_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_vendor_fallbacks AS
SELECT wave, host, stratum, agent, follows, reader, root, extent, vendor_root, vendor_extent, line,
       source, verification,
       ruleset
FROM v_vendor_fallbacks_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_template_clusters AS
SELECT wave, template, sites, domains, bodies, agents_named, authorship, example,
       ruleset
FROM v_template_clusters_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_signals AS
SELECT wave, host, signal, url, resource, outcome, note, quote, line, capture_id,
       stratum, weight, country, creator_type, ruleset
FROM v_signals_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_statements AS
SELECT wave, host, signal, purpose, preference, strictness, agent, path, scope, quote, url, line,
       derived, stance, language,
       stratum, weight, country, creator_type, ruleset
FROM v_statements_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_use AS
SELECT wave, host, stratum, purpose, preference_strict, preference_lenient, rule, conflict,
       weight, country, creator_type, ruleset
FROM v_use_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_defects AS
SELECT wave, host, signal, code, severity, url, line, quote, effect,
       stratum, weight, country, creator_type, ruleset
FROM v_defects_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_link_access AS
SELECT wave, host, stratum, agent, extent, links, allowed, round(1.0 * allowed / links, 4) AS share,
       weight, country, creator_type, ruleset
FROM v_link_access_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_conflicts AS
SELECT wave, host, purpose, signal_a, quote_a, signal_b, quote_b,
       stratum, weight, country, creator_type, ruleset
FROM v_conflicts_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_reserved AS
SELECT wave, host, operator, purpose, signal, agent, preference, strictness, path, scope, basis,
       extent, honours, verified, as_of, note, honours_robots, quote, url, line, derived,
       ruleset
FROM v_reserved_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_honours AS
SELECT operator, id, title, family, words, coverage, honours, verified, as_of, source, note,
       ruleset
FROM v_honours_all WHERE ruleset = (SELECT max(ruleset) FROM rulesets);

-- The root answer of every agent under each policy, by the main reader.
CREATE VIEW root_access AS
SELECT p.policy_id, p.ruleset, a.agent_id, a.token, coalesce(own.root, other.root) AS state,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis,
       coalesce(own.rule, other.rule) AS rule
FROM robots_policies p
JOIN agents a ON a.ruleset = p.ruleset
JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id;

-- Each judged wave of a panel beside the judged one before it, both as judged by the newest
-- ruleset that they have in common. A panel is its name: its versions share most of their sites.
CREATE VIEW wave_pairs AS
SELECT a.wave_id AS from_id, a.name AS wave_from, b.wave_id AS to_id, b.name AS wave_to,
       max(r.ruleset) AS ruleset
FROM waves a
JOIN panels p ON p.panel_id = a.panel_id
JOIN panels q ON q.name = p.name
JOIN waves b ON b.panel_id = q.panel_id AND b.started_at > a.started_at
JOIN judged_waves r ON r.wave_id = b.wave_id
JOIN judged_waves q2 ON q2.wave_id = a.wave_id AND q2.ruleset = r.ruleset
WHERE NOT EXISTS (SELECT 1 FROM waves m JOIN panels USING (panel_id) JOIN judged_waves USING (wave_id)
                  WHERE panels.name = p.name
                    AND m.started_at > a.started_at AND m.started_at < b.started_at)
GROUP BY a.wave_id, b.wave_id;

-- Signals of a visit that are there and take effect: a fault that voids a line voids the signal
-- only where no statement is left that strict readers understand.
CREATE VIEW sound_readings AS
SELECT f.ruleset, c.visit_id, f.signal
FROM captures c
CROSS JOIN findings f ON f.capture_id = c.capture_id AND f.outcome = 'present'
WHERE c.superseded = 0
  AND (EXISTS (SELECT 1 FROM statements s WHERE s.ruleset = f.ruleset
               AND s.capture_id = f.capture_id AND s.signal = f.signal AND s.strictness = 'strict')
    OR NOT EXISTS (SELECT 1 FROM defects d WHERE d.ruleset = f.ruleset
                   AND d.capture_id = f.capture_id AND d.signal = f.signal
                   AND d.severity = 'voids'));

-- Changes between waves. The kinds are a closed list (`kind` in the data dictionary). An agent
-- has a row of its own if a group names it in either wave, or if it is in strict8 or wide12, was
-- known on the later wave's day, and its answer for the root changed; `access:*` speaks for the
-- agents that neither file names. That nothing was said before or after a failed visit is no change
-- of use.
-- Policies are compared pair by pair: few pairs serve many sites. `optout changes` reads this
-- same text over a `wave_pairs` of its own, for any two waves. CROSS JOIN keeps SQLite to the
-- order that is written: it has no statistics of the tables. NOT INDEXED: judgements by visit, in
-- whose order their captures lie on disk.
CREATE VIEW v_changes AS
WITH differing AS MATERIALIZED (
  SELECT p.from_id, p.to_id, p.ruleset, n.site_id,
         jo.policy_id AS policy_from, jn.policy_id AS policy_to,
         jo.use_policy_id AS use_from, jn.use_policy_id AS use_to,
         co.body_id AS body_from, cn.body_id AS body_to
  FROM wave_pairs p
  CROSS JOIN judgements jn NOT INDEXED ON jn.ruleset = p.ruleset
  CROSS JOIN visits n ON n.visit_id = jn.visit_id AND n.wave_id = p.to_id
  CROSS JOIN visits o ON o.wave_id = p.from_id AND o.site_id = n.site_id
  CROSS JOIN judgements jo ON jo.ruleset = p.ruleset AND jo.visit_id = o.visit_id
  LEFT JOIN captures co ON co.capture_id = jo.robots_capture_id
    AND jo.robots_state IN ('rules', 'empty', 'not-robots', 'too-large')
  LEFT JOIN captures cn ON cn.capture_id = jn.robots_capture_id
    AND jn.robots_state IN ('rules', 'empty', 'not-robots', 'too-large')
  WHERE jo.policy_id <> jn.policy_id OR jo.use_policy_id <> jn.use_policy_id
     OR co.body_id <> cn.body_id
),
policies AS MATERIALIZED (
  SELECT DISTINCT ruleset, to_id, policy_from, policy_to FROM differing WHERE policy_from <> policy_to
),
concerned AS (
  SELECT q.*, x.agent_id FROM policies q
  CROSS JOIN robots_access x ON x.policy_id = q.policy_from AND x.reader = 'rfc9309'
  UNION
  SELECT q.*, x.agent_id FROM policies q
  CROSS JOIN robots_access x ON x.policy_id = q.policy_to AND x.reader = 'rfc9309'
  UNION
  SELECT q.*, a.agent_id FROM policies q
  CROSS JOIN agent_panels a ON a.ruleset = q.ruleset AND a.agent_panel IN ('strict8', 'wide12')
  JOIN wave_agents d ON d.wave_id = q.to_id AND d.ruleset = q.ruleset AND d.agent_id = a.agent_id
),
answers AS (
  SELECT q.to_id, q.policy_from, q.policy_to, coalesce(a.token, '*') AS token,
         coalesce(oo.agent_id, nn.agent_id) IS NOT NULL AS named,
         CASE WHEN oo.root IS NULL THEN os.root ELSE oo.root END AS root_from,
         CASE WHEN oo.root IS NULL THEN os.extent ELSE oo.extent END AS extent_from,
         CASE WHEN oo.root IS NULL THEN os.basis ELSE oo.basis END AS basis_from,
         CASE WHEN nn.root IS NULL THEN ns.root ELSE nn.root END AS root_to,
         CASE WHEN nn.root IS NULL THEN ns.extent ELSE nn.extent END AS extent_to,
         CASE WHEN nn.root IS NULL THEN ns.basis ELSE nn.basis END AS basis_to
  FROM concerned q
  LEFT JOIN agents a ON a.ruleset = q.ruleset AND a.agent_id = q.agent_id
  JOIN robots_access os ON os.policy_id = q.policy_from AND os.reader = 'rfc9309'
    AND os.agent_id = 0
  JOIN robots_access ns ON ns.policy_id = q.policy_to AND ns.reader = 'rfc9309'
    AND ns.agent_id = 0
  LEFT JOIN robots_access oo ON oo.policy_id = q.policy_from AND oo.reader = 'rfc9309'
    AND oo.agent_id = q.agent_id
  LEFT JOIN robots_access nn ON nn.policy_id = q.policy_to AND nn.reader = 'rfc9309'
    AND nn.agent_id = q.agent_id
),
extents (extent, size) AS (VALUES ('none', 0), ('partial', 1), ('all-but', 2), ('all', 3)),
access AS MATERIALIZED (
  SELECT to_id, policy_from, policy_to, 'access:' || token AS subject,
         CASE WHEN root_from = 'unmeasured' THEN 'became_measured'
              WHEN root_to = 'unmeasured' THEN 'became_unmeasured'
              WHEN root_to = 'disallowed' THEN 'gained' ELSE 'lost' END AS kind,
         root_from AS before, root_to AS after
  FROM answers WHERE root_from <> root_to
  UNION ALL
  SELECT to_id, policy_from, policy_to, 'access:' || token,
         CASE WHEN n.size > o.size THEN 'widened' ELSE 'narrowed' END, extent_from, extent_to
  FROM answers
  JOIN extents o ON o.extent = extent_from
  JOIN extents n ON n.extent = extent_to
  WHERE root_from = root_to AND o.size <> n.size AND named
  UNION ALL
  SELECT to_id, policy_from, policy_to, 'access:' || token, 'moved', basis_from, basis_to
  FROM answers
  WHERE root_from = 'disallowed' AND root_to = 'disallowed' AND extent_from = extent_to
    AND basis_from <> basis_to AND named
),
uses AS (
  SELECT use_policy_id, purpose,
         CASE WHEN preference_strict = 'unstated' AND rule IN ('nothing-read', 'partly-read')
              THEN 'unmeasured' ELSE preference_strict END AS preference
  FROM verdicts
),
use AS MATERIALIZED (
  SELECT q.use_from, q.use_to, 'use:' || o.purpose AS subject,
         CASE WHEN o.preference = 'unmeasured' THEN 'became_measured'
              WHEN n.preference = 'unmeasured' THEN 'became_unmeasured'
              WHEN o.preference = 'unstated' THEN 'gained'
              WHEN n.preference = 'unstated' THEN 'lost'
              WHEN 'allowed' IN (o.preference, n.preference) THEN 'altered'
              WHEN n.preference = 'disallowed' THEN 'widened' ELSE 'narrowed' END AS kind,
         o.preference AS before, n.preference AS after
  FROM (SELECT DISTINCT use_from, use_to FROM differing WHERE use_from <> use_to) q
  CROSS JOIN uses o ON o.use_policy_id = q.use_from
  CROSS JOIN uses n ON n.use_policy_id = q.use_to AND n.purpose = o.purpose
  WHERE o.preference <> n.preference
    AND NOT (o.preference IN ('unstated', 'unmeasured') AND n.preference IN ('unstated', 'unmeasured'))
),
said AS (
  SELECT p.from_id, p.to_id, p.ruleset, v.site_id, st.purpose, st.preference, st.signal,
         max(v.wave_id = p.from_id) AS then_, max(v.wave_id = p.to_id) AS now_
  FROM wave_pairs p
  CROSS JOIN statements st ON st.ruleset = p.ruleset
  CROSS JOIN captures c ON c.capture_id = st.capture_id
  CROSS JOIN visits v ON v.visit_id = c.visit_id AND v.wave_id IN (p.from_id, p.to_id)
  WHERE st.strictness = 'strict' AND st.agent = '*' AND st.scope <> 'asset'
    AND v.outcome IN ('ok', 'absent')
  GROUP BY 1, 2, 3, 4, 5, 6, 7
),
moved AS (
  SELECT from_id, to_id, ruleset, site_id, purpose, preference,
         group_concat(CASE WHEN then_ THEN signal END) AS before,
         group_concat(CASE WHEN now_ THEN signal END) AS after
  FROM (SELECT * FROM said ORDER BY signal)
  GROUP BY 1, 2, 3, 4, 5, 6
  HAVING max(then_) AND max(now_) AND NOT max(then_ AND now_)
),
unsound AS (
  SELECT p.from_id, p.to_id, p.ruleset, c.visit_id, f.signal, 'malformed' AS state
  FROM wave_pairs p
  CROSS JOIN signals s ON s.ruleset = p.ruleset
  CROSS JOIN findings f ON f.ruleset = s.ruleset AND f.signal = s.signal
    AND f.outcome = 'malformed' AND f.signal <> 'robots_access'
  CROSS JOIN captures c ON c.capture_id = f.capture_id
  UNION ALL
  SELECT p.from_id, p.to_id, p.ruleset, c.visit_id, f.signal, 'void'
  FROM wave_pairs p
  CROSS JOIN defects d ON d.ruleset = p.ruleset AND d.severity = 'voids'
    AND d.signal <> 'robots_access'
  CROSS JOIN findings f ON f.ruleset = d.ruleset AND f.capture_id = d.capture_id
    AND f.signal = d.signal AND f.outcome = 'present'
  CROSS JOIN captures c ON c.capture_id = f.capture_id
),
broken AS (
  SELECT x.from_id, x.to_id, x.ruleset, v.site_id, x.signal, min(x.state) AS state,
         v.wave_id = x.to_id AS now_
  FROM unsound x
  CROSS JOIN visits v ON v.visit_id = x.visit_id AND v.wave_id IN (x.from_id, x.to_id)
  JOIN visits w ON w.site_id = v.site_id
    AND w.wave_id = CASE v.wave_id WHEN x.to_id THEN x.from_id ELSE x.to_id END
  WHERE NOT EXISTS (SELECT 1 FROM sound_readings s WHERE s.ruleset = x.ruleset
                    AND s.visit_id = v.visit_id AND s.signal = x.signal)
    AND EXISTS (SELECT 1 FROM sound_readings s WHERE s.ruleset = x.ruleset
                AND s.visit_id = w.visit_id AND s.signal = x.signal)
  GROUP BY 1, 2, 3, 4, 5, 7
),
-- A robots.txt breaks where it kept an agent out by name, and now only tries to: by a rule that
-- RFC 9309 does not see, or as a page in place of the file. The other way round it is mended.
sides AS MATERIALIZED (
  SELECT from_id, to_id, ruleset, site_id, 1 AS now_, policy_from AS sound, policy_to AS policy,
         body_to AS body FROM differing
  UNION ALL
  SELECT from_id, to_id, ruleset, site_id, 0, policy_to, policy_from, body_from FROM differing
),
robots_broken AS (
  SELECT DISTINCT x.from_id, x.to_id, x.ruleset, x.site_id, 'robots_access' AS signal,
         'void' AS state, x.now_
  FROM sides x
  CROSS JOIN robots_attempts t ON t.ruleset = x.ruleset AND t.body_id = x.body AND t.whole
  CROSS JOIN robots_access was ON was.policy_id = x.sound AND was.reader = 'rfc9309'
    AND was.agent_id = t.agent_id AND was.basis = 'own' AND was.root = 'disallowed'
  CROSS JOIN root_access s ON s.policy_id = x.policy AND s.agent_id = t.agent_id
    AND s.state = 'allowed'
  UNION
  SELECT x.from_id, x.to_id, x.ruleset, x.site_id, 'robots_access', 'malformed', x.now_
  FROM sides x
  CROSS JOIN robots_bodies b ON b.ruleset = x.ruleset AND b.body_id = x.body
    AND b.state = 'not-robots'
  WHERE EXISTS (SELECT 1 FROM robots_access was WHERE was.policy_id = x.sound
                AND was.reader = 'rfc9309' AND was.basis = 'own' AND was.root = 'disallowed')
    AND NOT EXISTS (SELECT 1 FROM robots_access now WHERE now.policy_id = x.policy
                    AND now.reader = 'rfc9309' AND now.root = 'disallowed')
    AND NOT EXISTS (SELECT 1 FROM robots_attempts t WHERE t.ruleset = x.ruleset
                    AND t.body_id = x.body AND t.whole)
),
changes AS (
  SELECT d.from_id, d.to_id, d.ruleset, d.site_id, a.kind, a.subject, a.before, a.after
  FROM differing d JOIN access a USING (to_id, policy_from, policy_to)
  UNION ALL
  SELECT d.from_id, d.to_id, d.ruleset, d.site_id, u.kind, u.subject, u.before, u.after
  FROM differing d JOIN use u USING (use_from, use_to)
  UNION ALL
  SELECT m.from_id, m.to_id, m.ruleset, m.site_id, 'moved', 'use:' || m.purpose, m.before, m.after
  FROM moved m
  JOIN visits o ON o.wave_id = m.from_id AND o.site_id = m.site_id
  JOIN visits n ON n.wave_id = m.to_id AND n.site_id = m.site_id
  JOIN judgements jo ON jo.ruleset = m.ruleset AND jo.visit_id = o.visit_id
  JOIN judgements jn ON jn.ruleset = m.ruleset AND jn.visit_id = n.visit_id
  JOIN verdicts uo ON uo.use_policy_id = jo.use_policy_id AND uo.purpose = m.purpose
    AND uo.preference_strict = m.preference
  JOIN verdicts un ON un.use_policy_id = jn.use_policy_id AND un.purpose = m.purpose
    AND un.preference_strict = m.preference
  UNION ALL
  SELECT from_id, to_id, ruleset, site_id, CASE WHEN now_ THEN 'broke' ELSE 'mended' END,
         'signal:' || signal, CASE WHEN now_ THEN 'present' ELSE state END,
         CASE WHEN now_ THEN state ELSE 'present' END
  FROM (SELECT * FROM broken UNION ALL SELECT * FROM robots_broken)
  UNION ALL
  SELECT d.from_id, d.to_id, d.ruleset, d.site_id, 'author_changed', 'author:/robots.txt',
         o.authorship, n.authorship
  FROM differing d
  JOIN robots_bodies o ON o.ruleset = d.ruleset AND o.body_id = d.body_from
  JOIN robots_bodies n ON n.ruleset = d.ruleset AND n.body_id = d.body_to
  WHERE o.authorship <> n.authorship
)
SELECT printf('%06d-%06d-%04d-%010d-%s', x.to_id, x.from_id, x.ruleset, x.site_id, x.subject)
         AS id,
       o.name AS wave_from, n.name AS wave_to, x.ruleset, s.host, x.kind, x.subject, x.before,
       x.after
FROM changes x
JOIN waves o ON o.wave_id = x.from_id
JOIN waves n ON n.wave_id = x.to_id
JOIN sites s ON s.site_id = x.site_id;

-- The same headline under every published definition of "blocks AI crawlers" (panel strict8). A
-- file that was cut short could count only where it says yes, so it counts neither way.
CREATE VIEW v_definitions AS
WITH observed AS (
  SELECT w.wave_id, w.name AS wave, r.ruleset, count(*) AS n
  FROM waves w
  JOIN current_rulesets r USING (wave_id)
  JOIN visits v ON v.wave_id = w.wave_id
  JOIN judgements j ON j.ruleset = r.ruleset AND j.visit_id = v.visit_id
    AND j.robots_state NOT IN ('refused', 'unreachable', 'unread', 'too-large')
  LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
  -- What is missing of a file could name any crawler: it counts neither way.
  WHERE coalesce(c.truncated + c.data_loss + (c.status = 206), 0) = 0
  GROUP BY 1, 2, 3
),
held AS (
  SELECT o.wave_id, b.definition, count(*) AS k
  FROM observed o
  JOIN visits v ON v.wave_id = o.wave_id
  JOIN judgements j ON j.ruleset = o.ruleset AND j.visit_id = v.visit_id
    AND j.robots_state IN ('rules', 'empty', 'not-robots')
  JOIN captures c ON c.capture_id = j.robots_capture_id
    AND c.truncated = 0 AND c.data_loss = 0 AND c.status <> 206
  JOIN body_definitions b ON b.ruleset = o.ruleset AND b.body_id = c.body_id
  GROUP BY 1, 2
)
SELECT o.wave, d.definition, d.title, d.source, d.counts, coalesce(h.k, 0) AS k, o.n,
       d.quantifier, o.ruleset
FROM observed o
JOIN definitions d ON d.ruleset = o.ruleset
LEFT JOIN held h ON h.wave_id = o.wave_id AND h.definition = d.definition;

-- What public crawls took of the sites here: under the name listed, and with or without `www.`.
CREATE VIEW v_public_captures AS
SELECT s.host, p.host AS captured_host, p.collection, p.first_seen, p.last_seen, p.dates, p.pages,
       p.robots_2xx, p.robots_3xx, p.robots_4xx, p.robots_5xx, p.source, p.row
FROM sites s
CROSS JOIN (VALUES (0), (1)) o
CROSS JOIN public_captures p ON p.host = CASE
  WHEN o.column1 = 0 THEN s.host WHEN s.host LIKE 'www.%' THEN substr(s.host, 5)
  ELSE 'www.' || s.host END;

-- When a site that an agent may not fetch in a wave began to refuse it, as far as the waves judged by
-- the wave's ruleset tell: after the last day on which it was seen open, at the latest on the first
-- on which it was seen closed.
CREATE VIEW v_opt_outs AS
WITH refusing AS (
  SELECT w.name AS wave, r.ruleset, v.site_id, x.agent_id, x.token AS agent, x.basis,
         substr(coalesce(c.fetched_at, v.started_at), 1, 10) AS day
  FROM waves w
  JOIN current_rulesets r USING (wave_id)
  CROSS JOIN visits v ON v.wave_id = w.wave_id
  JOIN judgements j ON j.ruleset = r.ruleset AND j.visit_id = v.visit_id
  JOIN root_access x ON x.ruleset = r.ruleset AND x.policy_id = j.policy_id AND x.state = 'disallowed'
  LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
),
seen_open AS (
  SELECT f.*, (
    SELECT max(substr(coalesce(c.fetched_at, v.started_at), 1, 10))
    FROM waves w
    CROSS JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = f.site_id
    JOIN judgements j ON j.ruleset = f.ruleset AND j.visit_id = v.visit_id
    JOIN root_access x ON x.ruleset = f.ruleset AND x.policy_id = j.policy_id
      AND x.agent_id = f.agent_id AND x.state = 'allowed'
    LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
    WHERE substr(coalesce(c.fetched_at, v.started_at), 1, 10) < f.day
      AND NOT coalesce(c.truncated OR c.data_loss OR c.status IS 206, 0)) AS last_open
  FROM refusing f
)
SELECT o.wave, o.ruleset, s.host, o.agent, a.announced, o.basis, o.last_open, (
    SELECT min(substr(coalesce(c.fetched_at, v.started_at), 1, 10))
    FROM waves w
    CROSS JOIN visits v ON v.wave_id = w.wave_id AND v.site_id = o.site_id
    JOIN judgements j ON j.ruleset = o.ruleset AND j.visit_id = v.visit_id
    JOIN root_access x ON x.ruleset = o.ruleset AND x.policy_id = j.policy_id
      AND x.agent_id = o.agent_id AND x.state = 'disallowed'
    LEFT JOIN captures c ON c.capture_id = j.robots_capture_id
    WHERE o.last_open IS NULL
       OR substr(coalesce(c.fetched_at, v.started_at), 1, 10) > o.last_open) AS first_closed
FROM seen_open o
JOIN sites s ON s.site_id = o.site_id
JOIN agents a ON a.ruleset = o.ruleset AND a.agent_id = o.agent_id;
