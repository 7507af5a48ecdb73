-- What a wave took from its sites. An attempt without an outcome was broken off; only of a killed
-- one the end is not known. The wave.
SELECT coalesce(sum(attempts), 0), coalesce(sum(again), 0), coalesce(sum(killed), 0),
       coalesce(sum(requests), 0), coalesce(sum(bytes), 0), coalesce(max(requests), 0),
       min(gap), count(delay), count(retry)
FROM (
  SELECT count(*) AS attempts, sum(again_at IS NOT NULL) AS again,
         sum(finished_at IS NULL) AS killed, sum(requests) AS requests, sum(bytes) AS bytes,
         min(shortest_gap) AS gap, max(crawl_delay) AS delay, max(retry_after) AS retry
  FROM attempts WHERE wave_id = ? GROUP BY site_id
)
