-- After _looks.sql. For each site that was seen refusing the agent by name: the day on which that
-- was first seen, of the first look after it without a refusal, of the last look, and of the last
-- look with a refusal before it was taken back. Null: never seen so.
, closed AS (SELECT site_id, stratum, min(day) AS start FROM looks WHERE refused GROUP BY 1, 2),
back AS (
  SELECT c.site_id, c.stratum, c.start, min(CASE WHEN NOT l.refused THEN l.day END) AS first_open,
         max(l.day) AS last_look
  FROM closed c JOIN looks l ON l.site_id = c.site_id AND l.day >= c.start
  GROUP BY 1, 2, 3
)
SELECT b.stratum, b.start, b.first_open, b.last_look,
       (SELECT max(l.day) FROM looks l WHERE l.site_id = b.site_id AND l.refused
          AND (b.first_open IS NULL OR l.day < b.first_open)) AS last_closed
FROM back b
ORDER BY b.site_id
