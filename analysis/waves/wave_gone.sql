-- Sites of a wave whose name has been unknown for so many days. The wave's name, the days.
SELECT count(*) FROM visits v JOIN waves w USING (wave_id)
WHERE w.name = ? AND v.reason = 'dns_nxdomain' AND EXISTS (
  SELECT 1 FROM visits o
  WHERE o.site_id = v.site_id AND o.reason = 'dns_nxdomain'
    AND julianday(v.started_at) - julianday(o.started_at) >= ?
    AND NOT EXISTS (
      SELECT 1 FROM visits b WHERE b.site_id = v.site_id
        AND b.started_at > o.started_at AND b.started_at < v.started_at
        AND b.reason <> 'dns_nxdomain'))
