-- id: I-57
-- title: Operators that a blocking site reaches, by country
-- question: Whom does an opt-out not reach?
-- definition: Of the operators of a country with an agent that trains models, those of whom a site
--   keeps at least one such agent from the root.
-- numerator: operators that are blocked
-- denominator: operators of the country, once for each site that keeps a training agent out by name
-- unit: operator of a site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: unknown = operators of no known country; * = operators in {}
-- caveat: Of the operators that the registry documents on the wave's day. That a rule is there says
--   nothing about whether the operator obeys it.
-- literature: none published
WITH located AS (
  SELECT t.agent_id, t.operator, coalesce(a.country, 'unknown') AS country
  FROM this_wave w JOIN trainers t JOIN agents a ON a.ruleset = w.ruleset AND a.agent_id = t.agent_id
),
reached AS (
  SELECT t.policy_id, l.country, l.operator, max(s.state = 'disallowed') AS kept
  FROM training t CROSS JOIN located l
  JOIN root_access s ON s.policy_id = t.policy_id AND s.agent_id = l.agent_id
  WHERE t.named_blocked > 0 AND t.known
  GROUP BY 1, 2, 3
),
counted AS (
  SELECT policy_id, country, sum(kept) AS kept, count(*) AS operators FROM reached GROUP BY 1, 2
)
SELECT c.stratum, c.weight, c.cluster, r.country AS key, sum(c.sites * r.kept) AS k,
       sum(c.sites * r.operators) AS n
FROM cells c JOIN counted r USING (policy_id)
GROUP BY 1, 2, 3, 4
