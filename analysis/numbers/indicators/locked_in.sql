-- id: I-47
-- title: Pages captured before the refusal
-- question: How much of the copied is out of reach?
-- definition: Of all pages that the loaded collections of a public crawl hold of sites that refuse
--   an agent now, those taken before the sites refused; days as in I-46.
-- numerator: pages in collections that surely, or possibly, took them before the refusal
-- denominator: pages of these sites in all loaded collections
-- unit: page and collection
-- kind: extreme
-- missing: none
-- primary: CC-MAIN CCBot (unverified) certain
-- keys: * certain = {}: pages surely taken before; * possible = {}: pages surely or possibly taken
--   before
-- caveat: The key is the crawl, the agent and certain or possible (the certain ones among them).
--   A page counts once in every collection that holds it. A collection counts as a whole: where
--   its days lie around the refusal, its pages are possible ones. Sites without known captures
--   are not in it, and collections that are not loaded are not either. (unverified): others tell
--   that the operator uses these collections.
-- needs: rows on what public crawls took of these sites: see optout history
-- given: EXISTS (SELECT 1 FROM public_captures)
-- literature: DPI: 28 % of the most critical sources restricted later (other measure)
WITH
-- Crawls write a host with and without `www.` apart.
spelt AS (
  SELECT o.*, o.host AS captured_host FROM opt_outs o
  UNION ALL
  SELECT o.*, CASE WHEN o.host LIKE 'www.%' THEN substr(o.host, 5) ELSE 'www.' || o.host END
  FROM opt_outs o
),
held AS MATERIALIZED (
  SELECT o.stratum, o.weight, o.cluster, o.agent, o.prefix, o.verified, sum(p.pages) AS pages,
         sum(CASE WHEN o.last_open > p.last_seen THEN p.pages ELSE 0 END) AS certain,
         sum(CASE WHEN p.first_seen <= o.first_closed THEN p.pages ELSE 0 END) AS possible
  FROM spelt o
  JOIN public_captures p ON p.host = o.captured_host
    AND substr(p.collection, 1, length(o.prefix)) = o.prefix
    AND p.collection >= coalesce(o.first, '') AND p.collection <= coalesce(o.last, '~')
  GROUP BY o.host, o.agent, o.prefix
  HAVING sum(p.pages) > 0
)
SELECT h.stratum, h.weight, h.cluster,
       rtrim(h.prefix, '-') || ' ' || h.agent || iif(h.verified, '', ' (unverified)') || ' '
         || q.answer AS key,
       sum(CASE q.answer WHEN 'certain' THEN h.certain ELSE h.possible END) AS k,
       sum(h.pages) AS n
FROM held h
CROSS JOIN (SELECT 'certain' AS answer UNION ALL SELECT 'possible') q
GROUP BY 1, 2, 3, 4
