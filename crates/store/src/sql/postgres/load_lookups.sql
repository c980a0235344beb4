-- People by what they are found by.
SELECT it.*
FROM unnest($2::bytea[]) AS wanted (hash)
CROSS JOIN LATERAL (
    SELECT hash, person
    FROM lookup
    WHERE home = $1::smallint AND hash = wanted.hash
    OFFSET 0
) AS it
