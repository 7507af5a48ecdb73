-- id: I-39
-- title: Metadata that survives the way to the reader
-- question: Do signals in files last?
-- definition: Of the pictures whose page or address names the one that they were made from, where
--   both were read to the end of their metadata and the origin states a wish (or has a notice of
--   rights): those that state the same wish (or have a notice).
-- numerator: renditions that have kept it
-- denominator: renditions whose origin has it, both read
-- unit: work
-- kind: share
-- missing: none
-- primary: wish
-- keys: wish = a wish; notice = a notice of rights; wish: * = a wish, by hosts of the kind {};
--   notice: * = a notice of rights, by hosts of the kind {}
-- caveat: By the host that serves the rendition: own, domain, platform, shared-cdn, tenant-cdn or
--   unknown. Where only one of the two was read nothing is known, and nothing is counted. A wish that
--   became another one is not kept. One picture of a site at most.
-- literature: MetaWatch publishes examples
WITH fates AS (
  SELECT m.*, 'wish' AS subject, wish_fate AS fate FROM read_works m
  UNION ALL SELECT m.*, 'notice', notice_fate FROM read_works m
),
keyed AS (
  SELECT subject AS key, * FROM fates UNION ALL SELECT subject || ': ' || control, * FROM fates
)
SELECT stratum, weight, cluster, key, sum(fate = 'kept') AS k, count(*) AS n
FROM keyed WHERE fate IN ('kept', 'lost', 'changed')
GROUP BY 1, 2, 3, 4
