-- What each site was asked for, those asked most first; :wave.
SELECT host, attempts, requests, bytes, waited, shortest_gap, crawl_delay, retry_after,
       started_at, finished_at
FROM v_politeness WHERE wave = :wave ORDER BY requests DESC, bytes DESC, host
