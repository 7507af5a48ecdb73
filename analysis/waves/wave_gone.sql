-- Sites of a wave whose name has been unknown for so many days. The wave's name, the days.
-- Through the waves, since visits are found by wave and site.
SELECT count(*) FROM visits v JOIN waves w USING (wave_id)
WHERE w.name = ? AND v.reason = 'dns_nxdomain' AND EXISTS (
  SELECT 1 FROM waves x CROSS JOIN visits o ON o.wave_id = x.wave_id AND o.site_id = v.site_id
  WHERE o.reason = 'dns_nxdomain'
    AND julianday(v.started_at) - julianday(o.started_at) >= ?
    AND NOT EXISTS (
      SELECT 1 FROM waves y CROSS JOIN visits b ON b.wave_id = y.wave_id AND b.site_id = v.site_id
      WHERE b.started_at > o.started_at AND b.started_at < v.started_at
        AND b.reason <> 'dns_nxdomain'))
