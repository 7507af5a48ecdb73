-- id: I-50
-- title: Sites that changed since the wave before
-- question: How stable is what creators say?
-- definition: The bytes of robots.txt differ (key `file`), or there is a change of the
--   kind (its name is the key; `any` is any of them) on an agent that a group names or that is in
--   a panel, on a purpose, a signal or the author.
-- numerator: sites with such a change
-- denominator: sites observed in both waves, whose robots.txt came whole in both
-- unit: site
-- kind: share
-- waves: 2
-- missing: none
-- primary: any
-- keys: file = the bytes of robots.txt; any = any change in the ledger; gained = a refusal came;
--   lost = a refusal went; altered = permission became refusal, or the reverse; widened = a
--   refusal covers more; narrowed = a refusal covers less; moved = the same answer from elsewhere;
--   author_changed = another author; broke = what worked takes effect no more; mended = what
--   failed takes effect again
-- caveat: Between two waves a site may change and change back; that is not seen. What changed for
--   agents that nobody names (`access:*`) is left out.
-- literature: of about 175 bodies 28 to 51 change a month, GPTBot gains 0 to 4 blocks and loses 0
--   to 2 (computed from published data)
WITH changed AS MATERIALIZED (
  SELECT DISTINCT s.site_id, x.kind
  FROM v_changes x JOIN sites s USING (host)
  WHERE x.subject <> 'access:*' AND x.kind NOT IN ('became_measured', 'became_unmeasured')
),
keyed AS (
  SELECT site_id, kind AS key FROM changed
  UNION SELECT site_id, 'any' FROM changed
  UNION SELECT site_id, 'file' FROM twice WHERE body_before IS NOT body_id
),
keys (key) AS (
  VALUES ('file'), ('any'), ('gained'), ('lost'), ('altered'), ('widened'), ('narrowed'),
         ('moved'), ('author_changed'), ('broke'), ('mended')
),
hits AS (
  SELECT t.stratum, t.weight, t.cluster, x.key, count(*) AS sites
  FROM keyed x JOIN twice t USING (site_id) WHERE NOT t.cut GROUP BY 1, 2, 3, 4
),
wholes AS (SELECT stratum, weight, cluster, count(*) AS sites FROM twice WHERE NOT cut GROUP BY 1, 2, 3)
SELECT c.stratum, c.weight, c.cluster, q.key, coalesce(h.sites, 0) AS k, c.sites AS n
FROM wholes c CROSS JOIN keys q
LEFT JOIN hits h ON (h.stratum, h.weight, h.cluster, h.key)
  = (c.stratum, c.weight, c.cluster, q.key)
