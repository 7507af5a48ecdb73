-- id: I-52
-- title: Corpora with a documented way out
-- question: Can use be undone?
-- definition: Of the sites that a public crawl or data set is known to have taken, those for which
--   whoever makes it documents a way to have works, or data about a person, taken out again.
-- numerator: sites with such a way
-- denominator: sites that the collections are known to hold
-- unit: site
-- kind: share
-- missing: none
-- primary: any works
-- keys: any works = of anything that took the site, works can be taken out; any personal data = of
--   anything that took the site, data about a person can; * works = out of {} works can be taken; *
--   personal data = out of {} data about a person can be taken; * undocumented = out of {} something
--   can be asked for that its maker does not document
-- caveat: The key is how the collections' names begin. `any` is a site once, and needs a way out of
--   everything that is known to have taken it. What is not listed in v_removal_routes is unknown. That
--   a way is documented says nothing about whether it works, or about copies elsewhere.
-- literature: News/Media Alliance: requests unanswered for two and a half years (secondary source)
WITH corpora AS MATERIALIZED (
  SELECT prefix FROM corpus_users
  UNION SELECT r.corpus FROM this_wave w JOIN removal_routes r ON r.ruleset = w.ruleset
  WHERE r.corpus IS NOT NULL
),
-- Crawls write a host with and without `www.` apart.
taken AS MATERIALIZED (
  SELECT DISTINCT u.site_id, u.stratum, u.weight, u.cluster, c.prefix
  FROM units u JOIN sites s USING (site_id)
  JOIN public_captures p ON p.pages > 0 AND p.host IN
    (s.host, 'www.' || s.host, CASE WHEN s.host LIKE 'www.%' THEN substr(s.host, 5) END)
  JOIN corpora c ON substr(p.collection, 1, length(c.prefix)) = c.prefix
),
ways AS MATERIALIZED (
  SELECT c.prefix, coalesce(max(r.documented AND r.covers IN ('works', 'both')), 0) AS works,
         coalesce(max(r.documented AND r.covers IN ('personal-data', 'both')), 0) AS personal,
         coalesce(max(NOT r.documented), 0) AS undocumented
  FROM this_wave w CROSS JOIN corpora c
  LEFT JOIN removal_routes r ON r.ruleset = w.ruleset AND r.corpus = c.prefix
  GROUP BY 1
)
SELECT t.stratum, t.weight, t.cluster, rtrim(t.prefix, '-') || ' ' || q.column1 AS key,
       sum(CASE q.column1 WHEN 'works' THEN y.works WHEN 'personal data' THEN y.personal
           ELSE y.undocumented END) AS k, count(*) AS n
FROM taken t JOIN ways y USING (prefix)
CROSS JOIN (VALUES ('works'), ('personal data'), ('undocumented')) q
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT a.stratum, a.weight, a.cluster, 'any ' || q.column1,
       sum(iif(q.column1 = 'works', a.works, a.personal)), count(*)
FROM (SELECT t.site_id, t.stratum, t.weight, t.cluster, min(y.works) AS works,
             min(y.personal) AS personal
      FROM taken t JOIN ways y USING (prefix) GROUP BY 1, 2, 3, 4) a
CROSS JOIN (VALUES ('works'), ('personal data')) q
GROUP BY 1, 2, 3, 4
