-- How much there is.
SELECT records, entries, persons, settlements
FROM counts
WHERE one = 1
