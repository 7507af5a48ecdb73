-- id: I-61
-- title: Sites whose works contradict them
-- question: Do work, page and robots.txt say the same?
-- definition: Of the sites with a complete visit, of which a work that states a preference was read:
--   those where a work allows what the page, a header, a file or a rule of robots.txt refuses, or the
--   reverse, on one purpose.
-- numerator: sites with such a pair
-- denominator: sites of which a work with a preference was read
-- unit: site
-- kind: share
-- missing: none
-- primary: any
-- keys: any = against anything; * = against {}
-- caveat: The key is the signal on the other side. That a work says less than the site is no
--   contradiction.
-- literature: none published
WITH speaking AS (
  SELECT DISTINCT visit_id, stratum, weight, cluster FROM read_works WHERE complete AND wishes
),
of_works AS (
  SELECT DISTINCT signal FROM this_wave JOIN signal_resources USING (ruleset)
  WHERE resource LIKE 'work:%'
),
opposed AS (
  SELECT DISTINCT s.visit_id, iif(k.signal_a IN of_works, k.signal_b, k.signal_a) AS key
  FROM this_wave w CROSS JOIN speaking s
  CROSS JOIN conflicts k ON k.ruleset = w.ruleset AND k.visit_id = s.visit_id
  WHERE k.signal_a IN of_works OR k.signal_b IN of_works
),
keyed AS (SELECT * FROM opposed UNION SELECT visit_id, 'any' FROM opposed)
SELECT s.stratum, s.weight, s.cluster, q.key, count(k.visit_id) AS k, count(*) AS n
FROM speaking s CROSS JOIN (SELECT DISTINCT key FROM keyed UNION SELECT 'any') q
LEFT JOIN keyed k ON k.visit_id = s.visit_id AND k.key = q.key
GROUP BY 1, 2, 3, 4
