-- Who reserves training in machine-readable form, by which rule, and in which words?
SELECT host, preference_strict AS verdict, u.rule, s.signal, s.preference, s.quote
FROM v_use u JOIN v_statements s USING (wave, host, purpose)
WHERE wave = 'demo' AND purpose = 'train' AND s.agent = '*' AND s.strictness = 'strict'
  AND s.scope <> 'asset' AND preference_strict IN ('disallowed', 'conditional')
ORDER BY host, s.signal LIMIT 8;
