-- id: I-48
-- title: Days between announcement and refusal in which the site was crawled
-- question: How long was the door open?
-- definition: Days from the announcement of an agent to the refusal, of sites that refuse it now
--   and that a public crawl took in between. Surely: to the last day on which the site was seen
--   open, with a capture surely between. Possibly: to the first day on which it was seen closed,
--   with a capture that may lie between.
-- numerator: days
-- denominator: sites that refuse the agent and were captured in between
-- unit: day
-- kind: distribution
-- missing: none
-- primary: (largest)
-- keys: * certain = {}: at least so many days; * possible = {}: at most so many days
-- caveat: The key is the crawl, the agent and certain or possible. Agents whose announcement has
--   no known day or month are not in it; a month counts from its first day. Where no capture is
--   known nothing is said. (unverified): others tell that the operator
--   uses these collections.
-- needs: rows on what public crawls took of these sites: see optout history
-- given: EXISTS (SELECT 1 FROM public_captures)
-- literature: none published
WITH
-- Crawls write a host with and without `www.` apart.
spelt AS (
  SELECT o.*, o.host AS captured_host FROM opt_outs o
  UNION ALL
  SELECT o.*, CASE WHEN o.host LIKE 'www.%' THEN substr(o.host, 5) ELSE 'www.' || o.host END
  FROM opt_outs o
),
windows AS (
  SELECT o.stratum, o.weight, o.cluster, o.host, o.agent, o.prefix, o.verified, o.last_open, o.first_closed,
         o.announced, p.first_seen, p.last_seen, p.dates
  FROM spelt o
  JOIN public_captures p ON p.host = o.captured_host AND p.pages > 0
    AND o.announced IS NOT NULL
    AND substr(p.collection, 1, length(o.prefix)) = o.prefix
    AND p.collection >= coalesce(o.first, '') AND p.collection <= coalesce(o.last, '~')
),
sure AS (
  SELECT DISTINCT stratum, weight, cluster, host, agent, prefix, verified, 'certain' AS answer,
         julianday(last_open) - julianday(announced) AS days
  FROM windows
  WHERE CASE dates
    WHEN 'captures' THEN (first_seen > announced AND first_seen < last_open)
      OR (last_seen > announced AND last_seen < last_open)
    ELSE first_seen > announced AND last_seen < last_open END
),
maybe AS (
  SELECT DISTINCT stratum, weight, cluster, host, agent, prefix, verified, 'possible' AS answer,
         julianday(first_closed) - julianday(announced) AS days
  FROM windows
  WHERE first_closed > announced AND first_seen <= first_closed AND last_seen >= announced
)
SELECT x.stratum, x.weight, x.cluster,
       rtrim(x.prefix, '-') || ' ' || x.agent || iif(x.verified, '', ' (unverified)') || ' '
         || x.answer AS key,
       x.days AS value, count(*) AS n
FROM (SELECT * FROM sure UNION ALL SELECT * FROM maybe) x
GROUP BY 1, 2, 3, 4, 5
