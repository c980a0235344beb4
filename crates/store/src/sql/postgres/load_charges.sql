-- In which batches lines of stays were put; the last two say between which the stays lie.
SELECT it.*
FROM unnest($2::bigint[], $3::text[]) AS wanted (visit, line)
CROSS JOIN LATERAL (
    SELECT visit, line, batch
    FROM charge
    WHERE home = $1::smallint AND visit = wanted.visit AND line = wanted.line AND visit BETWEEN $4::bigint AND $5::bigint
    OFFSET 0
) AS it
