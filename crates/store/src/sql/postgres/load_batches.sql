-- Batches of visits; the last two say between which these lie, so that other months are left out.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT visit, no, settled, lines
    FROM batch
    WHERE home = $1::smallint AND visit = wanted.number AND visit BETWEEN $3::bigint AND $4::bigint
    OFFSET 0
) AS it
