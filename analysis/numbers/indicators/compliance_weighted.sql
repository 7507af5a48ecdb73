-- id: I-43
-- title: Coverage weighted by who obeys
-- question: What is an opt-out worth?
-- definition: Of the agents for which a study tells how often they obey a refusal, the sum of the
--   rates of those that a site keeps from the root, each weighted by its share of traffic where the
--   study tells that of all: over the same sum of all these agents, or over all that they ask for.
-- numerator: sum of the rates of the agents that are kept out, by traffic
-- denominator: sum of the rates of all agents of the study, by traffic; of all: their traffic
-- unit: site whose rules for all these agents are known
-- kind: distribution
-- missing: none
-- primary: (first)
-- keys: * = by the rates of {}: of what obedient agents ask for; *: of all = by the rates of {}: of
--   everything that is asked for
-- caveat: The key is the study. Agents that it does not tell of are left out, obedient or not. A
--   rate was measured on other sites and another day.
-- literature: Kim et al. 2025 (secondary source)
WITH rates AS MATERIALIZED (
  SELECT c.study, a.agent_id, max(1.0 * c.obeyed / c.n) AS rate,
         CASE WHEN min(c.traffic IS NOT NULL) OVER (PARTITION BY c.study) THEN c.traffic
              ELSE 1.0 END AS traffic
  FROM this_wave w
  JOIN compliance_rates c ON c.directive = 'disallow'
  JOIN agents a ON a.ruleset = w.ruleset AND a.token = c.agent COLLATE NOCASE
  GROUP BY c.study, a.agent_id
),
worth AS (
  SELECT p.policy_id, r.study,
         sum(CASE coalesce(own.root, other.root) WHEN 'disallowed' THEN r.rate * r.traffic
             ELSE 0 END) AS kept,
         sum(r.rate * r.traffic) AS obedient, sum(r.traffic) AS everything
  FROM (SELECT DISTINCT policy_id FROM cells) p
  CROSS JOIN rates r
  JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = r.agent_id
  GROUP BY 1, 2 HAVING max(coalesce(own.root, other.root) = 'unmeasured') = 0
),
shares AS (
  SELECT policy_id, study AS key, kept / obedient AS value FROM worth WHERE obedient > 0
  UNION ALL
  SELECT policy_id, study || ': of all', kept / everything FROM worth WHERE everything > 0
)
SELECT c.stratum, c.weight, c.cluster, v.key, v.value AS value, sum(c.sites) AS n
FROM cells c JOIN shares v USING (policy_id)
GROUP BY 1, 2, 3, 4, 5
