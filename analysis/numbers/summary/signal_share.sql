-- title: Sites that carry each signal
-- question: Which share of sites uses each way to state a preference?
-- numerator: sites where the signal is present in at least one capture
-- denominator: sites where the signal was measured: everything it is read in was asked for and read
-- unit: site
-- caveat: Present says that the signal is there, not what it says. Sites where it could not be read
--   or was not asked for everywhere are left out here and counted in signal_unmeasured, those
--   included where it was found all the same: counting only these would raise the share. They
--   raise the lower bound. A malformed signal is measured and not present. Words for
--   people (robots_prose, terms_prose) are present where they say something.
-- keys: * = {}

-- Run _sites.sql and _signals.sql first.
WITH counted AS (
  SELECT a.stratum, a.signal AS key,
         coalesce(sum(x.sites * (x.present AND x.asked AND NOT x.unmeasured)), 0) AS k,
         a.asked - coalesce(sum(x.sites * (x.asked AND x.unmeasured)), 0) AS n,
         coalesce(sum(x.sites * (x.present AND (x.unmeasured OR NOT x.asked))), 0) AS told
  FROM signal_asked a LEFT JOIN signal_readings x USING (stratum, signal)
  GROUP BY 1, 2
)
SELECT wave, panel, iif(whole, '*', stratum) AS stratum, key, sum(k) AS k, sum(n) AS n,
       sum(told) AS told
FROM counted, this_wave, (SELECT 0 AS whole UNION ALL SELECT 1)
GROUP BY whole, 3, key
ORDER BY whole DESC, 3, key;
