-- What signal_share, signal_unmeasured and signal_malformed count from, for one wave under its
-- newest ruleset. Bind :wave. All three would read every capture of the wave; so one does.

-- One bit per resource (at most 62), so that "everything this signal is read in was asked
-- for" is one comparison per distinct set of resources instead of one per site and signal.
-- A document that only a pointer leads to has no bit: it is missing where all else was read.
-- Works have one bit, for all kinds: a site shows some of them, and most surveys ask for none.
-- What a signal of works needs is that a work was asked for.
CREATE TEMP TABLE signal_bits AS
SELECT resource, resource LIKE 'work:%' AS of_work,
       1 << (dense_rank() OVER (ORDER BY iif(resource LIKE 'work:%', 'work:', resource)) - 1) AS bit
FROM (SELECT DISTINCT resource
      FROM waves w JOIN current_rulesets USING (wave_id) JOIN signal_resources USING (ruleset)
      WHERE w.name = :wave AND (resource LIKE '/%' OR resource LIKE 'work:%'));

CREATE TEMP TABLE signal_needs AS
SELECT sr.signal,
       coalesce(sum(DISTINCT b.bit), (SELECT sum(bit) FROM signal_bits WHERE NOT of_work)) AS needed
FROM waves w JOIN current_rulesets USING (wave_id) JOIN signal_resources sr USING (ruleset)
LEFT JOIN signal_bits b USING (resource)
WHERE w.name = :wave
GROUP BY 1;

-- One row per judged site, with the range of its captures' ids. NOT INDEXED and CROSS JOIN keep
-- SQLite to the order of the visits, which is nearly that of the captures on disk.
CREATE TEMP TABLE signal_visits (
  visit_id INTEGER PRIMARY KEY, stratum TEXT, bits INTEGER, first_id INTEGER, last_id INTEGER
);

INSERT INTO signal_visits
SELECT j.visit_id, coalesce(ps.stratum, '(none)'), coalesce(sum(DISTINCT b.bit), 0),
       min(c.capture_id), max(c.capture_id)
FROM waves w
CROSS JOIN current_rulesets r ON r.wave_id = w.wave_id
CROSS JOIN judgements j NOT INDEXED ON j.ruleset = r.ruleset
CROSS JOIN visits v ON v.visit_id = j.visit_id AND v.wave_id = w.wave_id
CROSS JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
LEFT JOIN captures c ON c.visit_id = j.visit_id
LEFT JOIN signal_bits b ON b.resource = c.resource AND c.superseded = 0
WHERE w.name = :wave
GROUP BY j.visit_id;

-- Sites of which every resource of the signal was asked for, whatever came of it.
CREATE TEMP TABLE signal_asked AS
SELECT s.stratum, n.signal, sum(s.sites) AS sites,
       sum(iif(s.bits & n.needed = n.needed, s.sites, 0)) AS asked
FROM (SELECT stratum, bits, count(*) AS sites FROM signal_visits GROUP BY 1, 2) s
CROSS JOIN signal_needs n
GROUP BY 1, 2;

-- What was found, as sites per combination. Absence has no row in `findings`; only sites with
-- something else need a closer look. Captures of one wave lie together: the range of their ids
-- spares those of the others.
CREATE TEMP TABLE signal_readings AS
SELECT stratum, signal, asked, present, malformed, unmeasured, count(*) AS sites
FROM (
  SELECT a.stratum, f.signal, a.bits & n.needed = n.needed AS asked,
         -- Prose has no grammar that it could break: where it says something it is there, although
         -- no strict reader takes it for a statement.
         max(f.outcome = 'present' OR (f.outcome = 'malformed' AND f.prose)) AS present,
         max(f.outcome = 'malformed' AND NOT f.prose) AS malformed,
         -- Of what was cut short only what is there can be seen: it counts neither way.
         -- Of a work parts are asked for, and what was missed of it is told by the finding alone.
         max(f.outcome = 'unmeasured' OR coalesce(f.note, '') IN (
               'truncated', 'encrypted', 'damaged', 'work_limit', 'work_type', 'no_reader')
             OR (sr.resource NOT LIKE 'work:%'
                 AND (c.truncated OR c.data_loss OR c.status IS 206))) AS unmeasured
  FROM waves w
  CROSS JOIN current_rulesets r ON r.wave_id = w.wave_id
  CROSS JOIN (
    SELECT g.*, g.signal IN ('robots_prose', 'terms_prose') AND EXISTS (
             SELECT 1 FROM statements s WHERE s.ruleset = g.ruleset
             AND s.capture_id = g.capture_id AND s.signal = g.signal) AS prose
    FROM findings g NOT INDEXED
  ) f ON f.ruleset = r.ruleset
    AND f.capture_id BETWEEN (SELECT min(first_id) FROM signal_visits)
                         AND (SELECT max(last_id) FROM signal_visits)
  CROSS JOIN captures c ON c.capture_id = f.capture_id AND c.superseded = 0
  CROSS JOIN signal_visits a ON a.visit_id = c.visit_id
  CROSS JOIN signal_resources sr ON sr.ruleset = r.ruleset AND sr.resource = c.resource
    AND sr.signal = f.signal
  CROSS JOIN signal_needs n ON n.signal = f.signal
  WHERE w.name = :wave
  GROUP BY a.visit_id, f.signal
)
GROUP BY 1, 2, 3, 4, 5, 6;
