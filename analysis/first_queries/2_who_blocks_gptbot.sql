-- Which sites keep GPTBot from their root, and by which line?
SELECT host, basis, extent, line, rule_text
FROM v_agent_access
WHERE wave = 'demo' AND reader = 'rfc9309' AND agent = 'GPTBot' AND root = 'disallowed'
ORDER BY host LIMIT 8;
