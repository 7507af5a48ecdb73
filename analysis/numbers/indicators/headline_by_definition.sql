-- id: I-54a
-- title: One headline under every published definition
-- question: What does "blocks AI crawlers" mean?
-- definition: By the definition named in the key, the robots.txt blocks an agent of the panel of
--   eight; the table `definitions` says what each one counts and who publishes by it.
-- numerator: sites that block by the definition
-- denominator: sites whose robots.txt was answered
-- unit: site
-- kind: share
-- missing: unobserved
-- primary: denied
-- keys: * = by the definition {}
-- caveat: A definition is applied to the bytes that were served, as its publisher would: a page in
--   place of the file counts where it mentions a name.
-- literature: 22 percentage points between the definitions, news sites, June 2026 (computed from
--   published data)
WITH wholes AS (
  SELECT stratum, weight, cluster, count(*) AS sites FROM units WHERE observed AND NOT cut GROUP BY 1, 2, 3
),
hits AS (
  SELECT u.stratum, u.weight, u.cluster, b.definition, count(*) AS sites
  FROM this_wave w JOIN units u
  JOIN body_definitions b ON b.ruleset = w.ruleset AND b.body_id = u.body_id
  WHERE u.observed AND NOT u.cut
  GROUP BY 1, 2, 3, 4
)
SELECT c.stratum, c.weight, c.cluster, d.definition AS key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM this_wave w CROSS JOIN wholes c
JOIN definitions d ON d.ruleset = w.ruleset
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.definition)
  = (c.stratum, c.weight, c.cluster, d.definition)
