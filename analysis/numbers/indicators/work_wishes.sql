-- id: I-59
-- title: Works that carry a wish of their own
-- question: Do works say themselves what may be done with them?
-- definition: Of the works whose metadata was read to the end of its carriers: those in which a signal
--   for works states a preference on any purpose, strictly or leniently.
-- numerator: works with a statement of their own
-- denominator: works whose metadata was read
-- unit: work
-- kind: share
-- missing: none
-- primary: any
-- keys: any = of any kind; kind: * = of the kind {}; creator: * = of sites of the sort {}
-- caveat: At most three works of a site, one of each kind, the largest on the page: no sample of all
--   works. A wish may be a permission.
-- literature: none published
SELECT stratum, weight, cluster, key, sum(wishes) AS k, count(*) AS n
FROM keyed_works
GROUP BY 1, 2, 3, 4
