-- id: I-34
-- title: The largest group of sites with the same file
-- question: Is it many decisions or one?
-- definition: The greatest number of sites that serve the very same bytes, among sites whose
--   robots.txt names an agent.
-- numerator: sites in the largest group
-- denominator: sites whose robots.txt names an agent
-- unit: site
-- kind: share
-- missing: none
-- caveat: Byte for byte: files of one template that name their own sitemap count apart.
-- literature: 8,138 of 9,344 GPTBot-naming hosts in one corpus belong to one owner (computed from
--   published data)
WITH named AS (
  SELECT u.stratum, u.body_id
  FROM this_wave w JOIN units u
  JOIN robots_bodies rb ON rb.ruleset = w.ruleset AND rb.body_id = u.body_id
  WHERE u.observed AND rb.agents_named > 0
),
sizes AS (SELECT stratum, body_id, count(*) AS sites FROM named GROUP BY 1, 2)
SELECT stratum, 1.0 AS weight, '' AS cluster, '' AS key, max(sites) AS k, sum(sites) AS n
FROM sizes GROUP BY 1
UNION ALL
SELECT '*', 1.0, '', '', max(sites), sum(sites)
FROM (SELECT sum(sites) AS sites FROM sizes GROUP BY body_id)
HAVING count(*) > 0
