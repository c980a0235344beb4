-- The two people of each of these bindings.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT giver, beneficiary
    FROM binding
    WHERE home = $1::smallint AND no = wanted.number
    OFFSET 0
) AS it
