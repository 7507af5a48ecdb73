-- id: I-08
-- title: Creators on platforms that let them edit or switch
-- question: Can creators opt out where they publish?
-- definition: Whether the platform that serves the site lets its creators edit robots.txt or has a
--   switch against AI use, as the registry of platforms knows it.
-- numerator: sites with this answer
-- denominator: sites whose home page was read or whose platform shows otherwise
-- unit: site
-- kind: share
-- missing: none
-- primary: yes
-- keys: known today: yes = by what is known today: a way is there; known today: no = by what is
--   known today: no way; known today: unknown = by what is known today: not known; known today: no
--   platform = by what is known today: no platform found;
--   yes = a way is there; no = no way; unknown = not known; no platform = no platform found;
--   *: yes = {}: a way is there; *: no = {}: no way; *: unknown = {}: not known; *: no platform =
--   {}: no platform found
-- caveat: The key is the answer, with the kind of creator before it. `unknown`: the registry does
--   not know enough to say no. `no platform`: none was found, or software that runs anywhere.
--   What was known of platforms on the wave's day counts; `known today` is beside it.
-- needs: home pages that were read
-- given: EXISTS (SELECT 1 FROM looked)
-- literature: Liu et al. 2024: hosted builders often do not (secondary source)
WITH answered AS (
  SELECT stratum, weight, cluster, creators,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN robots_edit IN ('yes', 'partly') OR ai_switch = 'yes' THEN 'yes'
              WHEN robots_edit = 'no' AND ai_switch = 'no' THEN 'no'
              ELSE 'unknown' END AS answer
  FROM looked
)
SELECT g.stratum, g.weight, g.cluster, g.creators || a.column1 AS key,
       sum(g.answer = a.column1) AS k, count(*) AS n
FROM answered g CROSS JOIN (VALUES ('yes'), ('no'), ('unknown'), ('no platform')) a
GROUP BY 1, 2, 3, 4
