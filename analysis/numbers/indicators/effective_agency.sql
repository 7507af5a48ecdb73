-- id: I-09
-- title: Creators with any way to speak to machines
-- question: Have creators control?
-- definition: Whether the platform that serves the site lets its creators do at least one of these:
--   edit robots.txt, use a switch against AI use, set response headers, add meta elements.
-- numerator: sites with this answer
-- denominator: sites whose home page was read or whose platform shows otherwise
-- unit: site
-- kind: share
-- missing: none
-- primary: yes
-- keys: yes = a way is there; no = no way; unknown = not known; no platform = no platform found;
--   *: yes = {}: a way is there; *: no = {}: no way; *: unknown = {}: not known; *: no platform =
--   {}: no platform found
-- caveat: The key is the answer, with the kind of creator before it. `no` needs four cells that say
--   no; `unknown` is neither. `no platform`: none was found, or software that runs anywhere.
-- literature: none published
WITH answered AS (
  SELECT stratum, weight, cluster, creators,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN robots_edit IN ('yes', 'partly')
                OR 'yes' IN (ai_switch, header_edit, meta_edit) THEN 'yes'
              WHEN robots_edit = 'no' AND ai_switch = 'no' AND header_edit = 'no'
                AND meta_edit = 'no' THEN 'no'
              ELSE 'unknown' END AS answer
  FROM looked
)
SELECT g.stratum, g.weight, g.cluster, g.creators || a.column1 AS key,
       sum(g.answer = a.column1) AS k, count(*) AS n
FROM answered g CROSS JOIN (VALUES ('yes'), ('no'), ('unknown'), ('no platform')) a
GROUP BY 1, 2, 3, 4
