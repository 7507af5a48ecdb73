-- id: I-38
-- title: Works on hosts that leave the agent in
-- question: Does the opt-out cover the pictures?
-- definition: Over the works on the home pages of sites that keep an agent from their root: does the
--   robots.txt of the host that serves the work keep the same agent from its root?
-- numerator: works with this answer
-- denominator: works on the home pages of sites that keep the agent out
-- unit: work
-- kind: share
-- missing: none
-- primary: GPTBot: open
-- keys: *: open = on hosts that let {} in; *: blocked = on hosts that keep {} out; *: unknown = on
--   hosts whose answer to {} is not known
-- caveat: The key is the agent with the answer; `open` is the gap, and `unknown` (the host's file was
--   not asked for, or not answered) is apart. A host without a file is open. Rules for single paths
--   are not looked at. A work counts once for each of its sizes.
-- literature: none published
WITH answers AS (
  SELECT a.visit_id, a.origin, a.control,
         a.images + a.audio + a.videos + a.documents AS works,
         (SELECT max(c.capture_id) FROM captures c JOIN visits v ON v.visit_id = c.visit_id
          WHERE v.wave_id = w.wave_id AND c.url = a.origin || '/robots.txt' AND c.superseded = 0
         ) AS capture_id
  FROM this_wave w JOIN asset_hosts a ON a.ruleset = w.ruleset
  WHERE a.visit_id IN (SELECT visit_id FROM units)
),
hosts AS (
  SELECT n.visit_id, n.control, n.works, c.status,
         CASE WHEN c.status BETWEEN 200 AND 299 AND c.status <> 206
               AND c.data_loss + c.truncated + c.coding_error = 0 THEN b.policy_id END
           AS policy_id
  FROM this_wave w CROSS JOIN answers n
  LEFT JOIN captures c ON c.capture_id = n.capture_id
  LEFT JOIN robots_bodies b ON b.ruleset = w.ruleset AND b.body_id = c.body_id
  WHERE n.works > 0
),
told AS (
  SELECT u.stratum, u.weight, u.cluster, r.token, h.works,
         CASE WHEN h.control = 'own' THEN 'blocked'
              WHEN h.policy_id IS NOT NULL
                THEN CASE coalesce(own.root, other.root) WHEN 'disallowed' THEN 'blocked'
                       WHEN 'allowed' THEN 'open' ELSE 'unknown' END
              WHEN h.status IN (404, 410) THEN 'open'
              ELSE 'unknown' END AS answer
  FROM units u
  JOIN roots r ON r.policy_id = u.policy_id AND r.root = 'disallowed'
  JOIN hosts h ON h.visit_id = u.visit_id
  LEFT JOIN robots_access other ON other.policy_id = h.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = h.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = r.agent_id
  WHERE u.observed
)
SELECT t.stratum, t.weight, t.cluster, t.token || ': ' || a.column1 AS key,
       sum(t.works * (t.answer = a.column1)) AS k, sum(t.works) AS n
FROM told t CROSS JOIN (VALUES ('open'), ('blocked'), ('unknown')) a
GROUP BY 1, 2, 3, 4
