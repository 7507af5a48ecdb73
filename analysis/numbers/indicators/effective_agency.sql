-- id: I-09
-- title: Creators with any way to speak to machines
-- question: Have creators control?
-- definition: Whether creators can do at least one of these where the site is: edit robots.txt, use
--   a switch against AI use, set response headers, add meta elements. Where no platform is found, or
--   software that runs anywhere, the site is on hosting of its own, and files can be set there.
-- numerator: sites with this answer
-- denominator: sites whose home page was read or whose platform shows otherwise
-- unit: site
-- kind: share
-- missing: none
-- primary: yes
-- keys: known today: yes = by what is known today: a way is there; known today: no = by what is
--   known today: no way; known today: unknown = by what is known today: not known; known today: no
--   platform = by what is known today: hosting of their own;
--   yes = a way is there; no = no way; unknown = not known; no platform = hosting of their own,
--   counted as a way; *: yes = {}: a way is there; *: no = {}: no way; *: unknown = {}: not known;
--   *: no platform = {}: hosting of their own
-- caveat: A kind of creator may stand before the answer. `no` needs four cells that say no; `unknown`
--   is neither, and holds sites where a platform is only hinted at. A platform that we do not
--   recognise is taken for hosting of one's own. What was known of platforms on the wave's day
--   counts; `known today` is beside it.
-- needs: home pages that were read
-- given: EXISTS (SELECT 1 FROM looked)
-- literature: none published
WITH answered AS (
  SELECT stratum, weight, cluster, creators,
         platform IS NULL AND NOT hinted OR coalesce(kind = 'software', 0) AS own_hosting,
         CASE WHEN platform IS NULL AND hinted THEN 'unknown'
              WHEN platform IS NULL OR kind = 'software' THEN 'yes'
              WHEN robots_edit IN ('yes', 'partly')
                OR 'yes' IN (ai_switch, header_edit, meta_edit) THEN 'yes'
              WHEN robots_edit = 'no' AND ai_switch = 'no' AND header_edit = 'no'
                AND meta_edit = 'no' THEN 'no'
              ELSE 'unknown' END AS answer
  FROM looked
)
SELECT g.stratum, g.weight, g.cluster, g.creators || a.column1 AS key,
       sum(CASE a.column1 WHEN 'no platform' THEN g.own_hosting ELSE g.answer = a.column1 END) AS k,
       count(*) AS n
FROM answered g CROSS JOIN (VALUES ('yes'), ('no'), ('unknown'), ('no platform')) a
GROUP BY 1, 2, 3, 4
