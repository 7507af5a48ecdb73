-- What operators say that they honour, by family of signals; the ruleset.
SELECT operator, family, honours, verified, as_of, min(title) AS title FROM v_honours_all
WHERE ruleset = ? GROUP BY operator, family ORDER BY operator, family
