-- Ways by which something is removed; the ruleset.
SELECT operator, route, title, removes, covers, corpus, how, address, days, account, documented,
       verified, as_of, source, note
FROM removal_routes WHERE ruleset = ? ORDER BY operator, route
