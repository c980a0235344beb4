-- Batches of stays by number: ?1 is a JSON array of [visit, batch].
SELECT b.visit, b.no, b.settled, b.lines
FROM json_each(?1) AS wanted
CROSS JOIN batch AS b ON b.visit = wanted.value ->> 0 AND b.no = wanted.value ->> 1
