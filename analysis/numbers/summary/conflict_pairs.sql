-- title: Opposed pairs of signals
-- question: Which signals oppose each other, and on which purpose?
-- numerator: sites where a statement of one signal opposes a statement of the other
-- denominator: sites whose visit was complete (outcome ok or absent)
-- unit: site
-- caveat: The key is purpose:signal:signal, the signals in alphabetical order. A signal twice:
--   two sources of it oppose each other, such as two files or the file on another name of the
--   site. A site can be in several pairs. Pairs that no site has get no row.
-- keys: train:*:* = training: {} against {}; search:*:* = search: {} against {};
--   ai_input:*:* = answers to prompts: {} against {}

-- Run _sites.sql first.
WITH visited AS (
  SELECT v.visit_id, coalesce(ps.stratum, '(none)') AS stratum,
         v.outcome IN ('ok', 'absent') AS complete
  FROM this_wave w
  JOIN visits v USING (wave_id)
  JOIN judgements j ON j.ruleset = w.ruleset AND j.visit_id = v.visit_id
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id
),
opposed AS (
  SELECT c.stratum,
         k.purpose || ':' || min(k.signal_a, k.signal_b) || ':' || max(k.signal_a, k.signal_b)
           AS key,
         count(DISTINCT iif(c.complete, c.visit_id, NULL)) AS sites,
         count(DISTINCT iif(c.complete, NULL, c.visit_id)) AS told
  FROM this_wave w CROSS JOIN visited c
  JOIN conflicts k ON k.ruleset = w.ruleset AND k.visit_id = c.visit_id
  -- Works are asked for on some sites only: their pairs are counted in work_contradictions.
  WHERE NOT EXISTS (SELECT 1 FROM signal_resources r WHERE r.ruleset = w.ruleset
                    AND r.resource LIKE 'work:%' AND r.signal IN (k.signal_a, k.signal_b))
  GROUP BY 1, 2
),
-- Every key gets a row in every stratum: a zero is a result.
totals AS (SELECT stratum, sum(complete) AS n FROM visited GROUP BY 1),
counted AS (
  SELECT t.stratum, q.key, coalesce(o.sites, 0) AS k, t.n,
         coalesce(o.told, 0) AS told
  FROM totals t CROSS JOIN (SELECT DISTINCT key FROM opposed) q
  LEFT JOIN opposed o ON o.stratum = t.stratum AND o.key = q.key
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
