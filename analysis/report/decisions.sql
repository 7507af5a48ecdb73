-- What a robots.txt policy answers to each agent of strict8; :policy, :ruleset.
SELECT a.token, a.operator,
       CASE WHEN own.policy_id IS NULL THEN other.root ELSE own.root END AS root,
       CASE WHEN own.policy_id IS NULL THEN other.extent ELSE own.extent END AS extent,
       CASE WHEN own.policy_id IS NULL THEN other.basis ELSE own.basis END AS basis,
       CASE WHEN own.policy_id IS NULL THEN other.rule ELSE own.rule END AS rule,
       CASE WHEN own.policy_id IS NULL THEN other.line ELSE own.line END AS line,
       CASE WHEN own.policy_id IS NULL THEN other.rule_text ELSE own.rule_text END AS rule_text
FROM agent_panels ap
JOIN agents a USING (ruleset, agent_id)
JOIN robots_access other ON other.policy_id = :policy AND other.reader = 'rfc9309'
  AND other.agent_id = 0
LEFT JOIN robots_access own ON own.policy_id = other.policy_id AND own.reader = 'rfc9309'
  AND own.agent_id = a.agent_id
WHERE ap.ruleset = :ruleset AND ap.agent_panel = 'strict8'
ORDER BY a.token COLLATE NOCASE
