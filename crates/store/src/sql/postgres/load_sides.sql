-- The two people of each of these bindings, by their first versions.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT giver, beneficiary
    FROM binding_history
    WHERE home = $1::smallint AND no = wanted.number AND version = 1
    OFFSET 0
) AS it
