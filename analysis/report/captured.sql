-- What was loaded of public crawls about the sites of the panel of :wave: a row a collection.
WITH panel AS (
  SELECT ps.site_id FROM waves w JOIN panel_sites ps USING (panel_id) WHERE w.name = :wave
)
SELECT c.collection, min(c.first_seen) AS first_day, max(c.last_seen) AS last_day,
       count(DISTINCT c.host) AS searched,
       count(DISTINCT CASE WHEN c.pages > 0 THEN c.host END) AS captured, sum(c.pages) AS pages
FROM panel p JOIN sites s USING (site_id) JOIN v_public_captures c ON c.host = s.host
GROUP BY 1
ORDER BY 2, 1
