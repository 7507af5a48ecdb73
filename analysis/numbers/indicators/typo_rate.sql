-- id: I-30
-- title: Names that are almost an agent's
-- question: How often is an agent missed by a letter?
-- definition: A user-agent line holds almost the name of a known agent: the same but for separators,
--   or the same first letter and one edit (two in long names).
-- numerator: sites with such a name
-- denominator: sites whose robots.txt names an AI agent, or almost
-- unit: site
-- kind: share
-- missing: none
-- caveat: Names that resemble an agent's and are known to be others' are left out. A name that no
--   operator documents (`OpenAI-Bot`) is no misspelling.
-- literature: none published as a rate; odd names such as googleextended occur (computed from
--   published data)
WITH near AS (
  SELECT DISTINCT c.visit_id
  FROM this_wave w CROSS JOIN defects d ON d.ruleset = w.ruleset AND d.code = 'robots-agent-near'
  CROSS JOIN captures c ON c.capture_id = d.capture_id AND c.superseded = 0
    AND c.resource = '/robots.txt'
)
SELECT u.stratum, u.weight, u.cluster, '' AS key, count(n.visit_id) AS k, count(*) AS n
FROM units u LEFT JOIN near n USING (visit_id)
WHERE u.observed AND NOT u.cut
  AND (n.visit_id IS NOT NULL OR u.policy_id IN (SELECT policy_id FROM ai_named))
GROUP BY 1, 2, 3
