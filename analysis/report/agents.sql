-- Agents with an operator, and what each is for; the ruleset.
SELECT a.operator, a.token, a.country, a.documentation, a.verification, a.honours_robots,
       a.announced, a.retired, a.superseded_by, a.is_token,
       (SELECT group_concat(purpose, ', ') FROM (SELECT purpose FROM agent_purposes p
         WHERE p.ruleset = a.ruleset AND p.agent_id = a.agent_id ORDER BY purpose)) AS purposes
FROM agents a WHERE a.ruleset = ? AND a.operator IS NOT NULL
ORDER BY a.operator COLLATE NOCASE, a.token COLLATE NOCASE
