-- Lets a paper count until a later moment.
UPDATE paper
SET until = max(until, ?3)
WHERE person = ?1 AND digest = ?2
