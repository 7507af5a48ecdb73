-- id: I-26
-- title: Works without a signal of their own
-- question: How much work is a signal in every file?
-- definition: Of the works whose metadata was read to the end of its carriers: those in which no
--   signal for works states a preference, strictly or leniently. At most three works of each
--   site are asked for, one of each kind, the largest on the page.
-- numerator: works without a statement of their own
-- denominator: works whose metadata was read
-- unit: work
-- kind: share
-- missing: none
-- primary: any
-- keys: any = of any kind; kind: * = of the kind {}; creator: * = of sites of the sort {}
-- caveat: A work with a notice of rights and no wish counts as one without. What a delivery network
--   has taken out cannot be told from what was never there; see metadata_survival.
-- literature: none published
SELECT stratum, weight, cluster, key, sum(NOT wishes) AS k, count(*) AS n
FROM keyed_works
GROUP BY 1, 2, 3, 4
