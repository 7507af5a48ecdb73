-- The researcher views: plain columns, one sentence each in the data dictionary.
-- A name ending in _all carries every ruleset; the plain name shows, for each wave,
-- the newest ruleset it has been judged under.

CREATE VIEW current_rulesets AS
SELECT wave_id, max(ruleset) AS ruleset FROM judged_waves GROUP BY wave_id;

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
       c.fetched_at, c.elapsed, c.detail, c.capture_id
FROM captures c
JOIN visits v USING (visit_id)
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
       b.sha256 AS body_sha256, rb.authorship, rb.template, c.url, c.status
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
       CASE WHEN own.policy_id IS NULL THEN other.rule_text ELSE own.rule_text END AS rule_text
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
JOIN agents a ON a.ruleset = j.ruleset
JOIN readers r ON r.ruleset = j.ruleset
JOIN robots_access other ON other.policy_id = j.policy_id AND other.reader = r.reader
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = j.policy_id AND own.reader = r.reader
  AND own.agent_id = a.agent_id;

CREATE VIEW v_reader_disagreements_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, coalesce(a.token, '*') AS agent,
       d.rfc9309_root, d.google_root, d.protego_root, d.rfc9309_extent, d.google_extent,
       d.rfc9309_line, d.google_line
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
       st.quote, st.line, c.capture_id
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN captures c ON c.visit_id = v.visit_id AND c.superseded = 0
JOIN signal_resources sr ON sr.ruleset = j.ruleset AND sr.resource = c.resource
LEFT JOIN findings f ON f.ruleset = j.ruleset AND f.capture_id = c.capture_id
  AND f.signal = sr.signal
LEFT JOIN statements st ON st.ruleset = j.ruleset AND st.capture_id = c.capture_id
  AND st.signal = sr.signal AND st.seq = 0;

-- Statements of robots.txt are read out of the policy of its body: an agent's own group,
-- or `*`, that settles the root. They are statements on access; the purpose is the agent's.
CREATE VIEW v_statements_all AS
SELECT w.wave_id, st.ruleset, w.name AS wave, s.host, st.signal, st.purpose, st.preference, st.strictness,
       st.agent, st.path, st.scope, st.quote, c.url, st.line, st.derived, st.stance, st.language
FROM statements st
JOIN captures c USING (capture_id)
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
UNION ALL
SELECT w.wave_id, j.ruleset, w.name, s.host, 'robots_access', ap.purpose, ra.root, 'strict',
       a.token, '/', 'site', ra.rule_text, c.url, ra.line, 1, NULL, NULL
FROM judgements j
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id)
JOIN captures c ON c.capture_id = j.robots_capture_id
JOIN robots_access ra ON ra.policy_id = j.policy_id AND ra.reader = 'rfc9309'
JOIN agents a ON a.ruleset = j.ruleset AND a.agent_id = ra.agent_id
JOIN agent_purposes ap ON ap.ruleset = j.ruleset AND ap.agent_id = a.agent_id
WHERE ra.line IS NOT NULL AND ra.basis = 'own' AND ra.root <> 'unmeasured'
  AND ap.purpose IN ('train', 'search', 'ai_input');

CREATE VIEW v_use_all AS
SELECT w.wave_id, j.ruleset, w.name AS wave, s.host, ps.stratum, x.purpose, x.preference_strict,
       x.preference_lenient, x.rule, x.conflict
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
         ELSE coalesce(k.allowed, CASE WHEN own.policy_id IS NULL THEN o.allowed END) END AS allowed
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
       d.quote, d.effect
FROM defects d
JOIN captures c USING (capture_id)
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id);

CREATE VIEW v_conflicts_all AS
SELECT w.wave_id, k.ruleset, w.name AS wave, s.host, k.purpose, k.signal_a, k.quote_a, k.signal_b, k.quote_b
FROM conflicts k
JOIN visits v USING (visit_id)
JOIN waves w USING (wave_id)
JOIN sites s USING (site_id);

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

-- First robots.txt to each agent of an operator, then all other statements. CROSS JOIN keeps
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
  AND h.operator = o.operator;

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

CREATE VIEW v_robots AS
SELECT wave, host, stratum, state, groups, agents_named, body_sha256, authorship, template, url,
       status
FROM v_robots_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_agent_access AS
SELECT wave, host, stratum, agent, operator, is_token, reader, extent, root, basis, line, rule,
       rule_text
FROM v_agent_access_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_reader_disagreements AS
SELECT wave, host, stratum, agent, rfc9309_root, google_root, protego_root, rfc9309_extent,
       google_extent, rfc9309_line, google_line
FROM v_reader_disagreements_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_vendor_fallbacks AS
SELECT wave, host, stratum, agent, follows, reader, root, extent, vendor_root, vendor_extent, line,
       source, verification
FROM v_vendor_fallbacks_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_template_clusters AS
SELECT wave, template, sites, domains, bodies, agents_named, authorship, example
FROM v_template_clusters_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_signals AS
SELECT wave, host, signal, url, resource, outcome, note, quote, line, capture_id
FROM v_signals_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_statements AS
SELECT wave, host, signal, purpose, preference, strictness, agent, path, scope, quote, url, line,
       derived, stance, language
FROM v_statements_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_use AS
SELECT wave, host, stratum, purpose, preference_strict, preference_lenient, rule, conflict
FROM v_use_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_defects AS
SELECT wave, host, signal, code, severity, url, line, quote, effect
FROM v_defects_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_link_access AS
SELECT wave, host, stratum, agent, extent, links, allowed, round(1.0 * allowed / links, 4) AS share
FROM v_link_access_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_conflicts AS
SELECT wave, host, purpose, signal_a, quote_a, signal_b, quote_b
FROM v_conflicts_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_reserved AS
SELECT wave, host, operator, purpose, signal, agent, preference, strictness, path, scope, basis,
       extent, honours, verified, as_of, note, honours_robots, quote, url, line, derived
FROM v_reserved_all JOIN current_rulesets USING (wave_id, ruleset);

CREATE VIEW v_honours AS
SELECT operator, id, title, family, words, coverage, honours, verified, as_of, source, note
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

-- Each wave of a panel beside the one before it, both as judged by the same ruleset.
CREATE VIEW wave_pairs AS
SELECT a.wave_id AS from_id, a.name AS wave_from, b.wave_id AS to_id, b.name AS wave_to,
       r.ruleset
FROM waves a
JOIN waves b ON b.panel_id = a.panel_id AND b.started_at > a.started_at
JOIN current_rulesets r ON r.wave_id = b.wave_id
JOIN judged_waves jw ON jw.wave_id = a.wave_id AND jw.ruleset = r.ruleset
WHERE NOT EXISTS (SELECT 1 FROM waves m WHERE m.panel_id = a.panel_id
                  AND m.started_at > a.started_at AND m.started_at < b.started_at);

CREATE VIEW v_changes AS
SELECT p.wave_from, p.wave_to, s.host,
       CASE WHEN o.state = 'unmeasured' THEN 'became_measured'
            WHEN n.state = 'unmeasured' THEN 'became_unmeasured'
            WHEN n.state = 'disallowed' THEN 'gained' ELSE 'lost' END AS kind,
       'access:' || o.token AS subject, o.state AS before, n.state AS after
FROM wave_pairs p
JOIN visits vo ON vo.wave_id = p.from_id
JOIN visits vn ON vn.wave_id = p.to_id AND vn.site_id = vo.site_id
JOIN sites s ON s.site_id = vn.site_id
JOIN judgements jo ON jo.ruleset = p.ruleset AND jo.visit_id = vo.visit_id
JOIN judgements jn ON jn.ruleset = p.ruleset AND jn.visit_id = vn.visit_id
  AND jn.policy_id <> jo.policy_id
JOIN root_access o ON o.policy_id = jo.policy_id
JOIN root_access n ON n.policy_id = jn.policy_id AND n.agent_id = o.agent_id
WHERE o.state <> n.state
UNION ALL
SELECT p.wave_from, p.wave_to, s.host,
       CASE WHEN n.preference_strict = 'unstated' THEN 'lost'
            WHEN o.preference_strict = 'unstated' THEN 'gained' ELSE 'altered' END,
       'use:' || o.purpose, o.preference_strict, n.preference_strict
FROM wave_pairs p
JOIN visits vo ON vo.wave_id = p.from_id
JOIN visits vn ON vn.wave_id = p.to_id AND vn.site_id = vo.site_id
JOIN sites s ON s.site_id = vn.site_id
JOIN judgements jo ON jo.ruleset = p.ruleset AND jo.visit_id = vo.visit_id
JOIN judgements jn ON jn.ruleset = p.ruleset AND jn.visit_id = vn.visit_id
  AND jn.use_policy_id <> jo.use_policy_id
JOIN verdicts o ON o.use_policy_id = jo.use_policy_id
JOIN verdicts n ON n.use_policy_id = jn.use_policy_id AND n.purpose = o.purpose
WHERE o.preference_strict <> n.preference_strict;
