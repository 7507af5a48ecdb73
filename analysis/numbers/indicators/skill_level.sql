-- id: I-27
-- title: The skill that the easiest route takes
-- question: What must a creator be able to do?
-- definition: The easiest route that is known of the platform or software that serves the site: 1 a
--   switch, 2 an edited robots.txt, 4 a response header or meta element, 9 none.
-- numerator: sites with this route
-- denominator: sites whose home page was read or whose platform shows otherwise
-- unit: site
-- kind: share
-- missing: none
-- primary: 1 switch
-- keys: 1 switch = a switch; 2 file = an edited robots.txt; 4 header or meta = a response header
--   or meta element; 9 none = no route; unknown = no route known; no platform = no platform found; known today: * = by what is known
--   today: {}
-- caveat: The key is the route. A route that nobody has told us of may be easier. `unknown`: none is
--   known, and not all are ruled out. DNS and networks (3) and tools for metadata (4) do not show.
--   What was known of platforms on the wave's day counts; `known today` is beside it.
-- needs: home pages that were read
-- given: EXISTS (SELECT 1 FROM looked)
-- literature: EUIPO 2025, "ease of implementation"
WITH answered AS (
  SELECT stratum, weight, cluster, creators,
         CASE WHEN platform IS NULL THEN 'no platform'
              WHEN ai_switch = 'yes' THEN '1 switch'
              WHEN robots_edit IN ('yes', 'partly') THEN '2 file'
              WHEN 'yes' IN (header_edit, meta_edit) THEN '4 header or meta'
              WHEN robots_edit = 'no' AND ai_switch = 'no' AND header_edit = 'no'
                AND meta_edit = 'no' THEN '9 none'
              ELSE 'unknown' END AS answer
  FROM looked WHERE creators IN ('', 'known today: ')
)
SELECT g.stratum, g.weight, g.cluster, g.creators || a.column1 AS key,
       sum(g.answer = a.column1) AS k, count(*) AS n
FROM answered g
CROSS JOIN (VALUES ('1 switch'), ('2 file'), ('4 header or meta'), ('9 none'), ('unknown'),
                   ('no platform')) a
GROUP BY 1, 2, 3, 4
