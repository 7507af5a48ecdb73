-- id: I-01
-- title: Sites with any machine-readable signal on AI
-- question: Do creators say anything to machines at all?
-- definition: A statement on training that strict readers understand, about the home page or the
--   whole site, or a group of robots.txt that names an agent of the panel of twelve and keeps it
--   from the root.
-- numerator: sites with such a statement or rule
-- denominator: sites whose visit was complete
-- unit: site
-- kind: share
-- missing: unobserved
-- caveat: A rule for everybody (`*`) is no statement on AI and is left out; see effective_block.
-- literature: Maango 9.9 % of 999,316 domains, February 2026 (secondary source)
SELECT u.stratum, u.weight, u.cluster, '' AS key,
       sum(x.preference_strict <> 'unstated'
           OR EXISTS (SELECT 1 FROM roots r WHERE r.policy_id = u.policy_id
                      AND r.basis = 'own' AND r.root = 'disallowed')) AS k,
       count(*) AS n
FROM units u JOIN verdicts x ON x.use_policy_id = u.use_policy_id AND x.purpose = 'train'
WHERE u.complete
GROUP BY 1, 2, 3
