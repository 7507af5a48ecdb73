-- Run in the folder of a Parquet export:
--   optout export --db survey.db --to out --format parquet --table v_robots --table v_agent_access
-- Which share of the measured sites keeps each agent from its root, by RFC 9309?
SELECT wave, agent, count(*) FILTER (root = 'disallowed') AS k,
       count(*) AS n, round(k / n, 4) AS share
FROM 'v_agent_access.parquet'
WHERE reader = 'rfc9309' AND whole = 1
GROUP BY wave, agent
HAVING n > 0
ORDER BY wave, share DESC, agent
LIMIT 10;
