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
-- caveat: The key is the answer, with the kind of creator before it. `unknown`: the registry does
--   not know enough to say no. `no platform`: none was found, or software that runs anywhere.
-- literature: Liu et al. 2024: hosted builders often do not (secondary source)
WITH looked AS (
  SELECT u.stratum, u.weight, u.cluster, ps.creator_type, c.*
  FROM this_wave w JOIN units u
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = u.site_id
  LEFT JOIN site_platforms x ON x.ruleset = w.ruleset AND x.visit_id = u.visit_id
    AND x.main = 1 AND x.strength <> 'hint'
  LEFT JOIN platform_cells c ON c.ruleset = x.ruleset AND c.platform = x.platform
  WHERE x.platform IS NOT NULL
     OR EXISTS (SELECT 1 FROM asset_hosts a WHERE a.ruleset = w.ruleset AND a.visit_id = u.visit_id)
),
answered AS (
  SELECT stratum, weight, cluster, creator_type,
         CASE WHEN platform IS NULL OR kind = 'software' THEN 'no platform'
              WHEN robots_edit IN ('yes', 'partly') OR ai_switch = 'yes' THEN 'yes'
              WHEN robots_edit = 'no' AND ai_switch = 'no' THEN 'no'
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
