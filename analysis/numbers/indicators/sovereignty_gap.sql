-- id: I-12
-- title: Hosts of a creator's works that the creator cannot edit
-- question: Is the work where the creator has a say?
-- definition: Over the hosts that serve the works on a home page: may the creator edit robots.txt
--   there? Not on a host that a platform or network has for everybody; on the site's own domain as
--   its platform lets it.
-- numerator: hosts with this answer
-- denominator: hosts that serve a work of a site whose home page was read
-- unit: host of a site
-- kind: share
-- missing: none
-- primary: no
-- keys: no = the creator cannot edit the host's robots.txt; yes = can edit it; unknown = not known
-- caveat: The key is the answer; `no` is the gap, `unknown` is apart. An own domain on no platform
--   that we know counts as `yes`. Pictures of others in the page count as the creator's.
--   What was known of the platform on the wave's day counts.
-- needs: home pages that were read
-- given: EXISTS (SELECT 1 FROM this_wave w JOIN units u JOIN asset_hosts a ON a.ruleset = w.ruleset AND
--   a.visit_id = u.visit_id)
-- literature: none published
WITH hosts AS (
  SELECT u.stratum, u.weight, u.cluster,
         CASE WHEN a.control IN ('platform', 'shared-cdn') THEN 'no'
              WHEN a.control = 'own' AND c.platform IS NOT NULL AND c.kind <> 'software'
                THEN replace(c.robots_edit, 'partly', 'yes')
              WHEN a.control IN ('own', 'domain') THEN 'yes'
              ELSE 'unknown' END AS editable
  FROM this_wave w JOIN units u
  JOIN asset_hosts a ON a.ruleset = w.ruleset AND a.visit_id = u.visit_id
  LEFT JOIN hosted c ON c.visit_id = u.visit_id
  WHERE a.images + a.audio + a.videos + a.documents > 0
)
SELECT h.stratum, h.weight, h.cluster, e.column1 AS key,
       sum(h.editable = e.column1) AS k, count(*) AS n
FROM hosts h CROSS JOIN (VALUES ('no'), ('unknown'), ('yes')) e
GROUP BY 1, 2, 3, 4
