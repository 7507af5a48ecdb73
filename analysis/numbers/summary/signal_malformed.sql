-- title: Sites where a signal is malformed
-- question: On how many sites did somebody try a signal and get nothing across?
-- numerator: sites where the signal is malformed in at least one capture and present in none
-- denominator: sites where the signal was measured, as in signal_share
-- unit: site
-- caveat: With signal_share this leaves the sites where the signal is absent. A site that was not
--   asked for everything, or where part could not be read, is unmeasured and not malformed.
-- keys: * = {}

-- Run _sites.sql and _signals.sql first.
WITH counted AS (
  SELECT a.stratum, a.signal AS key,
         coalesce(sum(x.sites * (x.asked AND x.malformed AND NOT x.present
                                 AND NOT x.unmeasured)), 0) AS k,
         a.asked - coalesce(sum(x.sites * (x.asked AND x.unmeasured)), 0) AS n
  FROM signal_asked a LEFT JOIN signal_readings x USING (stratum, signal)
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
