-- Persons by number.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT no, born, sex, died, guardian, identity
    FROM person
    WHERE home = $1::smallint AND no = wanted.number
    OFFSET 0
) AS it
