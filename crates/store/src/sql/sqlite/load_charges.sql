-- In which batches lines of stays were put: ?1 is a JSON array of [visit, line].
SELECT c.visit, c.line, c.batch
FROM json_each(?1) AS wanted
CROSS JOIN charge AS c ON c.visit = wanted.value ->> 0 AND c.line = wanted.value ->> 1
