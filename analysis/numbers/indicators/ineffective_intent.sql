-- id: I-29
-- title: Attempts that fail
-- question: How often does somebody try to keep a training agent out and achieve nothing?
-- definition: Intended: by RFC 9309, by Google's parser or with the faults of writing mended to
--   their likely intention, a group of its own keeps a training agent from the root. Failed: by
--   RFC 9309 that agent may fetch the root all the same.
-- numerator: sites where an attempt fails
-- denominator: sites that want a training agent from the root; for `part_fails` those that want one
--   from a part of the site only
-- unit: site
-- kind: share
-- missing: none
-- primary: fails
-- keys: fails = at least one attempt fails; all_fail = every attempt fails; part_fails = at least one
--   attempt on a part of the site fails
-- caveat: The wish is a guess from the text. No attempts are an invitation (`Allow: /`), an empty
--   group, a crawl delay alone, a rule for everybody, and names that no operator documents.
--   Retired names are counted in stale_token.
-- needs: a judgement by ruleset 4 or a later one
-- given: (SELECT ruleset >= 4 FROM this_wave)
-- literature: 40 of 1,293 (German sites), 11 of 95 (news 2026), 8 of 176 name a training agent and
--   leave it in (computed from published data; invitations not removed, so an upper bound)
SELECT u.stratum, u.weight, u.cluster, q.column1 AS key,
       sum(CASE q.column1 WHEN 'fails' THEN t.failed > 0 WHEN 'all_fail' THEN t.failed = t.wanted
                          ELSE t.parts_failed > 0 END) AS k,
       count(*) AS n
FROM units u JOIN tried t USING (body_id, policy_id)
CROSS JOIN (VALUES ('fails'), ('all_fail'), ('part_fails')) q
WHERE u.observed AND NOT u.cut
  AND CASE q.column1 WHEN 'part_fails' THEN t.parts > 0 ELSE t.wanted > 0 END
GROUP BY 1, 2, 3, 4
