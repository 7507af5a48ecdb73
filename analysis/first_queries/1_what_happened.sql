-- What happened to every site? Nothing is left out: the rows add up to the panel.
SELECT outcome, reason, count(*) AS sites
FROM v_visits WHERE wave = 'demo'
GROUP BY 1, 2 ORDER BY sites DESC, outcome, reason;
