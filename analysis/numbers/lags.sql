-- After _looks.sql. For each site: its stratum, the days of the first refusal of the agent, of the last look,
-- and of the last look before the refusal without one. Null: never seen so.
, closed AS (
  SELECT site_id, stratum, min(CASE WHEN refused THEN day END) AS first_closed,
         max(day) AS last_look
  FROM looks GROUP BY 1, 2
)
SELECT c.stratum, NULL AS start, c.first_closed, c.last_look,
       (SELECT max(l.day) FROM looks l WHERE l.site_id = c.site_id AND NOT l.refused
          AND (c.first_closed IS NULL OR l.day < c.first_closed)) AS last_open
FROM closed c
ORDER BY c.site_id
