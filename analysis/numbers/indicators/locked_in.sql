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
-- keys: * certain = pages surely taken before {} was refused; * possible = pages possibly taken
--   before {} was refused
-- caveat: The key is the crawl, the agent and certain or possible (the certain ones among them).
--   A page counts once in every collection that holds it. A collection counts as a whole: where
--   its days lie around the refusal, its pages are possible ones. Sites without known captures
--   are not in it, and collections that are not loaded are not either. (unverified): as in I-46.
-- needs: rows on what public crawls took of these sites: see optout history
-- given: EXISTS (SELECT 1 FROM public_captures)
-- literature: DPI: 28 % of the most critical sources restricted later (other measure)
WITH refusing AS MATERIALIZED (
  SELECT o.host, o.agent, c.prefix, c.first, c.last, c.verified, o.last_open, o.first_closed
  FROM this_wave w
  JOIN corpus_users c
  JOIN v_opt_outs o ON o.wave = w.wave AND o.agent = c.agent
),
-- Crawls write a host with and without `www.` apart.
spelt AS (
  SELECT r.*, r.host AS captured_host FROM refusing r
  UNION ALL
  SELECT r.*, CASE WHEN r.host LIKE 'www.%' THEN substr(r.host, 5) ELSE 'www.' || r.host END
  FROM refusing r
),
held AS MATERIALIZED (
  SELECT o.host, o.agent, o.prefix, o.verified, sum(p.pages) AS pages,
         sum(CASE WHEN o.last_open > p.last_seen THEN p.pages ELSE 0 END) AS certain,
         sum(CASE WHEN p.first_seen <= o.first_closed THEN p.pages ELSE 0 END) AS possible
  FROM spelt o
  JOIN public_captures p ON p.host = o.captured_host
    AND substr(p.collection, 1, length(o.prefix)) = o.prefix
    AND p.collection >= coalesce(o.first, '') AND p.collection <= coalesce(o.last, '~')
  GROUP BY 1, 2, 3
  HAVING sum(p.pages) > 0
)
SELECT u.stratum, u.weight, u.cluster,
       rtrim(h.prefix, '-') || ' ' || h.agent || iif(h.verified, '', ' (unverified)') || ' '
         || q.answer AS key,
       sum(CASE q.answer WHEN 'certain' THEN h.certain ELSE h.possible END) AS k,
       sum(h.pages) AS n
FROM held h
JOIN sites s ON s.host = h.host
JOIN units u ON u.site_id = s.site_id
CROSS JOIN (SELECT 'certain' AS answer UNION ALL SELECT 'possible') q
GROUP BY 1, 2, 3, 4
