-- id: I-60
-- title: Refusals that only the work carries
-- question: What is lost where only the site is read?
-- definition: Of the works that refuse or restrict training, on sites whose visit was complete: those
--   whose site says nothing on training, by the letter or to a tolerant reader, and keeps no agent
--   for training from its root.
-- numerator: such works on sites that say nothing
-- denominator: works that refuse or restrict training
-- unit: work
-- kind: share
-- missing: none
-- primary: any
-- keys: any = of any kind; kind: * = of the kind {}; creator: * = of sites of the sort {}
-- caveat: Who reads robots.txt and pages alone does not see them.
-- literature: none published
SELECT m.stratum, m.weight, m.cluster, m.key,
       sum(x.preference_lenient = 'unstated' AND t.others <> 'disallowed'
           AND t.apart_blocked = 0) AS k,
       count(*) AS n
FROM keyed_works m
JOIN verdicts x ON x.use_policy_id = m.use_policy_id AND x.purpose = 'train'
JOIN training t ON t.policy_id = m.policy_id AND t.known
WHERE m.complete AND m.refuses AND x.preference_lenient <> 'unmeasured'
GROUP BY 1, 2, 3, 4
