-- id: I-25
-- title: Hosts that need a file of their own
-- question: How many places must be configured?
-- definition: Distinct origins (scheme, host and port) of a site that need a robots.txt of their own:
--   its home page's, those that serve works on it, and its other names and schemes that answered
--   for robots.txt themselves.
-- numerator: origins
-- denominator: sites whose home page was read
-- unit: site
-- kind: distribution
-- missing: none
-- caveat: Only the home page is read: shops and blogs elsewhere, and works deeper in the site, are
--   not counted. At most 50 origins of works.
-- needs: home pages that were read
-- given: EXISTS (SELECT 1 FROM this_wave w JOIN units u JOIN asset_hosts a ON a.ruleset = w.ruleset AND
--   a.visit_id = u.visit_id)
-- literature: none published
WITH origins AS (
  SELECT u.visit_id, a.origin
  FROM this_wave w JOIN units u
  JOIN asset_hosts a ON a.ruleset = w.ruleset AND a.visit_id = u.visit_id
  UNION
  SELECT u.visit_id, substr(c.url, 1, length(c.url) - length('/robots.txt'))
  FROM units u JOIN sites s USING (site_id)
  JOIN captures c ON c.visit_id = u.visit_id AND c.resource = 'variant:/robots.txt'
  WHERE c.final_url = c.url AND (c.status BETWEEN 200 AND 299 OR c.status IN (404, 410))
    AND replace(substr(c.url, instr(c.url, '//') + 2), 'www.', '')
      = replace(s.host, 'www.', '') || '/robots.txt'
),
counted AS (SELECT visit_id, count(*) AS hosts FROM origins GROUP BY 1)
SELECT u.stratum, u.weight, u.cluster, '' AS key, c.hosts AS value, count(*) AS n
FROM this_wave w JOIN units u JOIN counted c USING (visit_id)
WHERE EXISTS (SELECT 1 FROM asset_hosts a WHERE a.ruleset = w.ruleset AND a.visit_id = u.visit_id)
GROUP BY 1, 2, 3, 4, 5
