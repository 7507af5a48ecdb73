-- id: I-10
-- title: Creators who use the switch they have
-- question: Do creators use the switch of their platform?
-- definition: robots.txt blocks, each by a group of its own, every crawler that the switch of the
--   platform names in one of the lists that we know, as far as the registry of agents has them.
-- numerator: sites whose file has all of a list
-- denominator: sites on a platform whose switch writes robots.txt and whose list is known
-- unit: site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: * = on {}
-- caveat: The key is the platform. A creator who wrote the same lines by hand counts as well, and a
--   list that is newer than ours is not seen.
-- literature: Liu et al. 2024 on Squarespace: about 17 % (from memory, unverified)
SELECT u.stratum, u.weight, u.cluster, h.platform AS key,
       sum(u.visit_id IN (SELECT visit_id FROM switched)) AS k, count(*) AS n
FROM units u JOIN hosted h USING (visit_id)
WHERE u.observed AND h.platform IN (SELECT platform FROM switch_lists WHERE in_robots)
GROUP BY 1, 2, 3, 4
