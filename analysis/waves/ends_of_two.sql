-- How many sites ended so in one wave and so in another. The later wave's name, the earlier's.
SELECT o.outcome, o.reason, v.outcome, v.reason, count(*) FROM visits v
JOIN waves w ON w.wave_id = v.wave_id AND w.name = ?
JOIN waves x ON x.name = ?
JOIN visits o ON o.wave_id = x.wave_id AND o.site_id = v.site_id
GROUP BY 1, 2, 3, 4
