-- id: I-62
-- title: Works that do not carry the refusal of their page
-- question: What does who fetches only the picture see of the refusal?
-- definition: Of the works read on sites that refuse or restrict training by statements that strict
--   readers understand: those that do not refuse or restrict training themselves.
-- numerator: works without the refusal
-- denominator: works read on sites that refuse or restrict training
-- unit: work
-- kind: share
-- missing: none
-- primary: any
-- keys: any = on any host; own = on the site's own host; domain = on another host of its domain;
--   platform = on a platform; shared-cdn = on a network for all its customers; tenant-cdn = on a
--   network's host of its own; unknown = on hosts of others
-- caveat: Rules of robots.txt are no part of it: whether the host of the work keeps out whom the site
--   keeps out is counted in asset_host_gap.
-- literature: none published
SELECT m.stratum, m.weight, m.cluster, q.column1 AS key, sum(NOT m.refuses) AS k, count(*) AS n
FROM read_works m
JOIN verdicts x ON x.use_policy_id = m.use_policy_id AND x.purpose = 'train'
  AND x.preference_strict IN ('disallowed', 'conditional')
JOIN (VALUES ('any'), ('own'), ('domain'), ('platform'), ('shared-cdn'), ('tenant-cdn'),
             ('unknown')) q
  ON q.column1 IN ('any', m.control)
WHERE m.complete
GROUP BY 1, 2, 3, 4
