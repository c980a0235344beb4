-- Batches of stays by number; the last two say between which the stays lie.
SELECT it.*
FROM unnest($2::bigint[], $3::text[]) AS wanted (visit, no)
CROSS JOIN LATERAL (
    SELECT visit, no, settled, lines
    FROM batch
    WHERE home = $1::smallint AND visit = wanted.visit AND no = wanted.no AND visit BETWEEN $4::bigint AND $5::bigint
    OFFSET 0
) AS it
