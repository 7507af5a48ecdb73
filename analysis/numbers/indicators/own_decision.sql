-- id: I-07
-- title: Rules that the site wrote itself
-- question: Do creators decide, or does a default decide for them?
-- definition: Who wrote a robots.txt that names an AI agent, or a part of it, by dated
--   fingerprints.
-- numerator: sites whose file has this author
-- denominator: sites whose robots.txt names an AI agent
-- unit: site
-- kind: share
-- missing: none
-- primary: unknown
-- keys: unknown = no fingerprint of a service or plug-in fits; mixed = several authors fit; * =
--   written by {}
-- caveat: The key is the author. `unknown` means that no fingerprint fits: it holds the
--   self-written files and the services we do not know.
-- literature: Thunderbit 2026: 17.8 % own rules, 4.5 % Cloudflare template (secondary source)
WITH named AS (
  SELECT u.stratum, u.weight, u.cluster, rb.authorship, count(*) AS sites
  FROM this_wave w JOIN units u
  JOIN robots_bodies rb ON rb.ruleset = w.ruleset AND rb.body_id = u.body_id
  WHERE u.observed AND u.policy_id IN (SELECT policy_id FROM ai_named)
  GROUP BY 1, 2, 3, 4
)
SELECT n.stratum, n.weight, n.cluster, a.authorship AS key,
       sum(n.sites * (n.authorship = a.authorship)) AS k, sum(n.sites) AS n
FROM named n CROSS JOIN (SELECT DISTINCT authorship FROM named) a
GROUP BY 1, 2, 3, 4
