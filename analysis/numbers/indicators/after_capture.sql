-- id: I-46
-- title: Opted out after having been captured
-- question: Was it too late?
-- definition: Of the sites that an agent may not fetch now, those that a public crawl which the
--   agent's operator makes, or is said to use, took before they refused. A refusal began after
--   the last day on which the site was seen open and at the latest on the first day after that
--   on which it was seen closed. Surely: taken before the former day. Possibly: by the latter.
-- numerator: sites surely, or possibly, captured before
-- denominator: sites that refuse the agent
-- unit: site
-- kind: share
-- missing: none
-- primary: CC-MAIN CCBot (unverified) certain
-- keys: * certain = {}: surely captured before; * possible = {}: surely or possibly captured
--   before; * unknown = {}: nothing known of captures before
-- caveat: The key is the crawl, the agent and one of certain, possible (the certain ones
--   among them) and unknown: no capture before is known, and not every loaded collection that
--   began before was searched for the site. Add the sites of which nothing is known to the
--   possible ones for the upper bound. Older collections than those loaded are not seen, so that
--   nothing here says that a site was never captured. (unverified): others tell that the operator
--   uses these collections. A site that keeps the crawl out is not in it later; what it says then
--   is known by our waves alone.
-- needs: rows on what public crawls took of these sites: see optout history
-- given: EXISTS (SELECT 1 FROM public_captures)
-- literature: none published per site
WITH
-- Crawls write a host with and without `www.` apart.
spelt AS (
  SELECT o.*, o.host AS captured_host FROM opt_outs o
  UNION ALL
  SELECT o.*, CASE WHEN o.host LIKE 'www.%' THEN substr(o.host, 5) ELSE 'www.' || o.host END
  FROM opt_outs o
),
taken AS MATERIALIZED (
  SELECT o.stratum, o.weight, o.cluster, o.agent, o.prefix, o.verified, o.first_closed,
         coalesce(max(p.pages > 0 AND o.last_open IS NOT NULL AND o.last_open >
           CASE p.dates WHEN 'captures' THEN p.first_seen ELSE p.last_seen END), 0) AS certain,
         coalesce(max(p.pages > 0 AND p.first_seen <= o.first_closed), 0) AS possible,
         count(DISTINCT CASE WHEN p.first_seen <= o.first_closed
               THEN o.captured_host || ' ' || p.collection END) AS searched
  FROM spelt o
  LEFT JOIN public_captures p ON p.host = o.captured_host
    AND substr(p.collection, 1, length(o.prefix)) = o.prefix
    AND p.collection >= coalesce(o.first, '') AND p.collection <= coalesce(o.last, '~')
  GROUP BY o.host, o.agent, o.prefix
),
loaded AS MATERIALIZED (
  SELECT collection, min(first_seen) AS since FROM public_captures GROUP BY 1
),
-- A collection is searched for a site when its name was looked for with and without `www.`.
answered AS MATERIALIZED (
  SELECT t.*, t.searched > 0 AND t.searched = 2 * (
    SELECT count(*) FROM loaded l JOIN corpus_users c ON c.prefix = t.prefix AND c.agent = t.agent
    WHERE l.since <= t.first_closed AND substr(l.collection, 1, length(c.prefix)) = c.prefix
      AND l.collection >= coalesce(c.first, '') AND l.collection <= coalesce(c.last, '~'))
    AS everywhere
  FROM taken t
)
SELECT a.stratum, a.weight, a.cluster,
       rtrim(a.prefix, '-') || ' ' || a.agent || iif(a.verified, '', ' (unverified)') || ' '
         || q.answer AS key,
       sum(CASE q.answer WHEN 'certain' THEN a.certain WHEN 'possible' THEN a.possible
           ELSE NOT a.possible AND NOT a.everywhere END) AS k, count(*) AS n
FROM answered a
CROSS JOIN (SELECT 'certain' AS answer UNION ALL SELECT 'possible' UNION ALL SELECT 'unknown') q
-- Where nothing is known of any site, "0 of n" would read as "never captured".
WHERE q.answer = 'unknown'
   OR (a.prefix, a.agent) IN (SELECT prefix, agent FROM answered WHERE possible OR everywhere)
GROUP BY 1, 2, 3, 4
