-- Tallies of people in years.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT person, year, scheme, care, month, deductible, in_scope, fund, stays
    FROM tally
    WHERE home = $1::smallint AND person = wanted.person
    OFFSET 0
) AS it
WHERE it.year = ANY($3::smallint[])
