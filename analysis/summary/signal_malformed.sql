-- title: Sites where a signal is malformed
-- question: On how many sites did somebody try a signal and get nothing across?
-- numerator: sites where the signal is malformed in at least one capture and present in none
-- denominator: sites where the signal was measured, as in signal_share
-- unit: site
-- caveat: With signal_share this leaves the sites where the signal is absent. A site that was not
--   asked for everything, or where part could not be read, is unmeasured and not malformed.
WITH
this_wave AS (
  SELECT w.wave_id, w.name AS wave, w.panel_id, p.name AS panel, r.ruleset
  FROM waves w JOIN panels p USING (panel_id) LEFT JOIN current_rulesets r USING (wave_id)
  WHERE w.name = :wave
),
-- A document that only a pointer leads to is missing where everything else was read.
-- One bit per resource (at most 62), so that "everything this signal is read in was asked
-- for" is one comparison per distinct set of resources instead of one per site and signal.
bits AS MATERIALIZED (
  SELECT resource, 1 << (row_number() OVER (ORDER BY resource) - 1) AS bit
  FROM (SELECT DISTINCT resource FROM signal_resources JOIN this_wave USING (ruleset)
        WHERE resource LIKE '/%')
),
needs AS MATERIALIZED (
  SELECT sr.signal, coalesce(sum(b.bit), (SELECT sum(bit) FROM bits)) AS needed
  FROM this_wave w JOIN signal_resources sr USING (ruleset) LEFT JOIN bits b USING (resource)
  GROUP BY 1
),
asked AS MATERIALIZED (
  SELECT v.visit_id, coalesce(ps.stratum, '(none)') AS stratum,
         (SELECT coalesce(sum(DISTINCT b.bit), 0)
          FROM captures c JOIN bits b USING (resource)
          WHERE c.visit_id = v.visit_id AND c.superseded = 0) AS bits
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
),
sites AS (SELECT stratum, bits, count(*) AS sites FROM asked GROUP BY 1, 2),
fully AS (
  SELECT s.stratum, n.signal, sum(s.sites) AS sites,
         sum(iif(s.bits & n.needed = n.needed, s.sites, 0)) AS asked
  FROM sites s CROSS JOIN needs n
  GROUP BY 1, 2
),
-- Absence has no row in `findings`; only sites with something else need a closer look.
notable AS (
  SELECT a.stratum, f.signal, a.bits & n.needed = n.needed AS asked,
         max(f.outcome = 'present') AS present, max(f.outcome = 'malformed') AS malformed,
         max(f.outcome = 'unmeasured') AS unmeasured
  FROM this_wave w
  JOIN asked a
  JOIN captures c ON c.visit_id = a.visit_id AND c.superseded = 0
  JOIN findings f ON f.ruleset = w.ruleset AND f.capture_id = c.capture_id
  JOIN signal_resources sr ON sr.ruleset = w.ruleset AND sr.resource = c.resource
    AND sr.signal = f.signal
  JOIN needs n ON n.signal = f.signal
  GROUP BY a.visit_id, f.signal
),
counted AS (
  SELECT f.stratum, f.signal AS key,
         coalesce(sum(x.asked AND x.malformed AND NOT x.present AND NOT x.unmeasured), 0) AS k,
         f.asked - coalesce(sum(x.asked AND x.unmeasured AND NOT x.present), 0)
                 + coalesce(sum(x.present AND NOT x.asked), 0) AS n
  FROM fully f LEFT JOIN notable x ON x.stratum = f.stratum AND x.signal = f.signal
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
