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
-- caveat: The key is the answer, with the kind of creator before it. `no` needs four cells that say
--   no; `unknown` is neither. `no platform`: none was found, or software that runs anywhere.
-- literature: none published
WITH answered AS (
  SELECT stratum, weight, cluster, creator_type,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN robots_edit IN ('yes', 'partly')
                OR 'yes' IN (ai_switch, header_edit, meta_edit) THEN 'yes'
              WHEN robots_edit = 'no' AND ai_switch = 'no' AND header_edit = 'no'
                AND meta_edit = 'no' THEN 'no'
              ELSE 'unknown' END AS answer
  FROM looked
),
grouped AS (
  SELECT stratum, weight, cluster, '' AS creators, answer, count(*) AS sites
  FROM answered GROUP BY 1, 2, 3, 4, 5
  UNION ALL
  SELECT stratum, weight, cluster, creator_type || ': ', answer, count(*)
  FROM answered WHERE creator_type IS NOT NULL GROUP BY 1, 2, 3, 4, 5
)
SELECT g.stratum, g.weight, g.cluster, g.creators || a.column1 AS key,
       sum(g.sites * (g.answer = a.column1)) AS k, sum(g.sites) AS n
FROM grouped g CROSS JOIN (VALUES ('yes'), ('no'), ('unknown'), ('no platform')) a
GROUP BY 1, 2, 3, 4
