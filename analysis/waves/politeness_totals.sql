-- Sums over a wave; :wave, :delay, :longest.
SELECT count(*) AS sites, coalesce(sum(requests), 0) AS requests,
       coalesce(sum(bytes), 0) AS bytes, sum(requests = 0) AS spared, sum(attempts > 1) AS again,
       count(crawl_delay) AS delays, count(retry_after) AS retries,
       sum(shortest_gap < :delay) AS hurried,
       sum(shortest_gap < min(crawl_delay, :longest)) AS pushed
FROM v_politeness WHERE wave = :wave
