-- How much more there is.
UPDATE counts
SET records = records + ?1, entries = entries + ?2, persons = persons + ?3, settlements = settlements + ?4
WHERE one = 1
