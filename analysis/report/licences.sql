-- Ways to a licence; the ruleset.
SELECT route, title, way, coalesce(operator, run_by) AS run_by, asks, open_to, verified, as_of,
       source, note
FROM licence_routes WHERE ruleset = ? ORDER BY way, route
