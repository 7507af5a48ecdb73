-- From a verdict back to the bytes it rests on: address, time and hash of the file.
SELECT a.host, a.line, c.final_url, c.status, c.bytes, substr(c.body_sha256, 1, 16) AS sha256
FROM v_agent_access a
JOIN v_captures c ON c.wave = a.wave AND c.host = a.host
  AND c.resource = '/robots.txt' AND c.superseded = 0
WHERE a.wave = 'demo' AND a.reader = 'rfc9309' AND a.agent = 'ClaudeBot' AND a.basis = 'own'
ORDER BY a.host LIMIT 5;
