-- Every cell of every operator's card; the ruleset.
SELECT operator, card, cell, value, verified, as_of, source, address, note, version
FROM v_operator_facts_all WHERE ruleset = ? ORDER BY operator, cell
