-- title: Sites where a signal is unknown
-- question: How many sites does the share of each signal leave out, and why?
-- numerator: sites where a place of the signal could not be read (signal:unmeasured), or else was not
--   asked for (signal:unasked)
-- denominator: sites attempted and judged
-- unit: site
-- caveat: With the denominator of signal_share these add up to all judged sites.
-- keys: *:unmeasured = {} could not be read; *:unasked = {} was not asked for

-- Run _sites.sql and _signals.sql first.
WITH missing AS (
  SELECT a.stratum, a.signal, a.sites,
         coalesce(sum(x.sites * x.unmeasured), 0) AS unmeasured,
         a.sites - a.asked - coalesce(sum(x.sites * (x.unmeasured AND NOT x.asked)), 0) AS unasked
  FROM signal_asked a LEFT JOIN signal_readings x USING (stratum, signal)
  GROUP BY 1, 2
),
counted AS (
  SELECT stratum, signal || ':unmeasured' AS key, unmeasured AS k, sites AS n FROM missing
  UNION ALL
  SELECT stratum, signal || ':unasked', unasked, sites FROM missing
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
