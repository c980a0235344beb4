-- Amendments of what these people are known by.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT amendment
    FROM amendment
    WHERE home = $1::smallint AND person = wanted.person
    OFFSET 0
) AS it
