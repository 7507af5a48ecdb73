-- Studies of the door, by others or by us with consent.
SELECT study, made_by, day, title, method, source FROM studies ORDER BY study
