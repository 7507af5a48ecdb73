-- id: I-42a
-- title: Sites that ask an agent for payment
-- question: Is there a way to a licence at the door?
-- definition: Of the sites that a study asked under an agent's name and that answered, those that
--   answered with a demand of payment.
-- numerator: sites that answered 402
-- denominator: sites that answered the name of the agent
-- unit: site
-- kind: share
-- missing: none
-- primary: (largest)
-- keys: *: * = {}: sites asked under the name of {}
-- caveat: The key is the study and the agent. I-42 counts demands of payment that we ourselves were
--   answered with. Whether anybody pays is not seen.
-- literature: HasData: 60 of 250 publishers, for GPTBot (secondary source)
SELECT stratum, weight, cluster, study || ': ' || agent AS key, sum(came = 'payment') AS k,
       count(*) AS n
FROM knocked WHERE came <> 'error'
GROUP BY 1, 2, 3, 4
