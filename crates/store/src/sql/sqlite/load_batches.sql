-- Batches of visits.
SELECT visit, no, settled, lines
FROM batch
WHERE visit IN rarray(?1)
