-- id: I-34
-- title: The largest group of sites with the same file
-- question: Is it many decisions or one?
-- definition: The greatest number of sites that serve the very same bytes, among sites whose
--   robots.txt names an AI agent.
-- numerator: sites in the largest group
-- denominator: sites whose robots.txt names an AI agent
-- unit: site
-- kind: extreme
-- missing: none
-- caveat: Byte for byte: files of one template that name their own sitemap count apart.
-- literature: 8,138 of 9,344 GPTBot-naming hosts in one corpus belong to one owner (computed from
--   published data)
WITH named AS (
  SELECT stratum, body_id FROM units
  WHERE observed AND body_id IS NOT NULL AND policy_id IN (SELECT policy_id FROM ai_named)
),
sizes AS (SELECT stratum, body_id, count(*) AS sites FROM named GROUP BY 1, 2)
SELECT stratum, 1.0 AS weight, '' AS cluster, '' AS key, max(sites) AS k, sum(sites) AS n
FROM sizes GROUP BY 1
UNION ALL
SELECT '*', 1.0, '', '', max(sites), sum(sites)
FROM (SELECT sum(sites) AS sites FROM sizes GROUP BY body_id)
HAVING count(*) > 0
