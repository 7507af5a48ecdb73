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
-- keys: known today: * = on {}, by the lists known today; * = on {}
-- caveat: The key is the platform. Lists that were known on the wave's day count; `known today`: all lists. A creator who wrote the same lines by hand counts as well, and a
--   list that is newer than ours is not seen.
-- literature: Liu et al. 2024 on Squarespace: about 17 % (from memory, unverified)
SELECT u.stratum, u.weight, u.cluster, iif(h.today, 'known today: ', '') || h.platform AS key,
       sum(EXISTS (SELECT 1 FROM switched s WHERE s.visit_id = u.visit_id AND s.today = h.today)) AS k,
       count(*) AS n
FROM units u JOIN on_platforms h USING (visit_id)
WHERE u.observed AND EXISTS (SELECT 1 FROM switch_lists l WHERE l.platform = h.platform
                             AND l.today = h.today AND l.in_robots)
GROUP BY 1, 2, 3, 4
