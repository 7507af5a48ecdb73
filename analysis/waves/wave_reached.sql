-- Sites of a wave with an address, with an answer, and answered for by another name. Who redirected
-- us, or was asked for a connection, has an address, whatever came of it. The wave's name.
SELECT
  count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM captures c
    WHERE c.visit_id = v.visit_id AND (c.address IS NOT NULL OR c.hops <> '[]'
      OR c.failure IS NULL OR NOT (c.failure GLOB 'dns_*' OR c.failure GLOB 'internal_*'
        OR c.failure = 'excluded')))),
  count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM captures c WHERE c.visit_id = v.visit_id AND c.status IS NOT NULL)),
  count(*) FILTER (WHERE EXISTS (
    SELECT 1 FROM captures c
    WHERE c.visit_id = v.visit_id AND c.resource = '/robots.txt' AND c.superseded = 0
      AND c.url NOT IN
        ('https://' || s.host || c.resource, 'http://' || s.host || c.resource)))
FROM visits v JOIN sites s USING (site_id) JOIN waves w USING (wave_id) WHERE w.name = ?
