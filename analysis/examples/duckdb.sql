-- Which share of the measured sites keeps each agent from its root, by RFC 9309?
-- Run in the folder of a Parquet export:
--   optout export --db survey.db --to out --format parquet --table v_access
SELECT wave, agent, count(*) FILTER (root = 'disallowed') AS k, count(*) AS n,
       round(k / n, 4) AS share
FROM 'v_access.parquet'
WHERE whole = 1
GROUP BY wave, agent
ORDER BY wave, k DESC, agent;
