-- title: By stratum
-- about: Who reserves and who blocks, by kind of site? The share of one agent (GPTBot unless
--   another is asked for), of a complete opt-out, and of a reservation against training.

-- Run _sites.sql of analysis/numbers/summary first.
WITH attempted AS (
  SELECT coalesce(ps.stratum, '(none)') AS stratum, count(*) AS sites
  FROM this_wave w JOIN visits v USING (wave_id)
  JOIN panel_sites ps ON ps.panel_id = w.panel_id AND ps.site_id = v.site_id GROUP BY 1
),
asked (token) AS (SELECT coalesce(nullif(:agent, ''), 'GPTBot')),
one_agent AS (
  SELECT p.policy_id, other.root <> 'unmeasured' AS entire, coalesce(own.root, other.root) AS root
  FROM this_wave w
  JOIN (SELECT DISTINCT policy_id FROM judged) p
  JOIN agents a ON a.ruleset = w.ruleset AND a.token = (SELECT token FROM asked)
  JOIN robots_access other ON other.policy_id = p.policy_id AND other.reader = 'rfc9309'
    AND other.agent_id = 0
  LEFT JOIN robots_access own ON own.policy_id = p.policy_id AND own.reader = 'rfc9309'
    AND own.agent_id = a.agent_id
),
every_agent AS MATERIALIZED (
  SELECT policy_id, min(root = 'disallowed') AS blocked,
         min(root <> 'unmeasured' AND entire) AS measured
  FROM answers WHERE of_its_day GROUP BY 1
),
counted AS (
  SELECT p.stratum,
         sum(p.sites * (o.entire AND NOT p.cut)) AS agent_n,
         sum(p.sites * (o.root = 'disallowed' AND o.entire AND NOT p.cut)) AS agent_k,
         sum(p.sites * (e.measured AND NOT p.cut)) AS complete_n,
         sum(p.sites * (e.blocked AND e.measured AND NOT p.cut)) AS complete_k,
         sum(p.sites * p.complete) AS train_n,
         sum(p.sites * (p.complete AND x.preference_strict IN ('disallowed', 'conditional')))
           AS train_k
  FROM judged p
  LEFT JOIN one_agent o USING (policy_id)
  LEFT JOIN every_agent e USING (policy_id)
  LEFT JOIN verdicts x ON x.use_policy_id = p.use_policy_id AND x.purpose = 'train'
  GROUP BY 1
)
SELECT w.wave, a.stratum, a.sites AS sites_asked, token AS agent,
       agent_k, agent_n, round(1.0 * agent_k / agent_n, 4) AS agent_share,
       complete_k, complete_n, round(1.0 * complete_k / complete_n, 4) AS complete_share,
       train_k, train_n, round(1.0 * train_k / train_n, 4) AS train_share
FROM attempted a LEFT JOIN counted USING (stratum), this_wave w, asked
ORDER BY agent_share DESC, a.stratum;
