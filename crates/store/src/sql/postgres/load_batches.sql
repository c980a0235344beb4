-- Batches of visits, whose numbers lie between the last two.
SELECT visit, no, settled, lines
FROM batch
WHERE home = $1::smallint AND visit = ANY($2::bigint[]) AND visit BETWEEN $3::bigint AND $4::bigint
