-- id: I-37
-- title: Sites whose variants have other rules
-- question: Is the opt-out on every name of the site?
-- definition: With and without `www.`, or over http and https, robots.txt keeps different agents
--   of the panels out, or the headers of the home page say different things on one purpose.
-- numerator: sites whose variant differs
-- denominator: sites of which a variant answered for robots.txt
-- unit: site
-- kind: share
-- missing: none
-- caveat: A variant that leads to the same file counts as the same. Files of other names, which
--   were only asked for politeness, are no variants.
-- literature: none published
WITH compared AS (
  SELECT DISTINCT u.visit_id, u.stratum, u.weight, u.cluster
  FROM units u
  CROSS JOIN captures c ON c.visit_id = u.visit_id
  CROSS JOIN sites s ON s.site_id = u.site_id
  WHERE u.observed AND c.superseded = 0
    AND replace(replace(replace(c.url, 'https://', ''), 'http://', ''), 'www.', '')
      = replace(s.host, 'www.', '') || '/robots.txt'
    AND c.resource = 'variant:/robots.txt' AND c.failure IS NULL
    AND (c.status BETWEEN 200 AND 299 OR c.status IN (404, 410)
      OR c.revalidated_from IS NOT NULL)
),
different AS (
  SELECT DISTINCT k.visit_id FROM this_wave w JOIN conflicts k ON k.ruleset = w.ruleset
  WHERE (k.signal_a = 'robots_access' AND k.signal_b = 'robots_access')
    -- Headers of the home page: both are told with their address.
    OR (k.signal_a = k.signal_b AND k.quote_a GLOB 'http*://*' AND k.quote_b GLOB 'http*://*')
)
SELECT c.stratum, c.weight, c.cluster, '' AS key, count(d.visit_id) AS k, count(*) AS n
FROM compared c LEFT JOIN different d USING (visit_id)
GROUP BY 1, 2, 3
