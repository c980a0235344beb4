-- How often something was decided about people.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT person, version
    FROM guard
    WHERE home = $1::smallint AND person = wanted.person
    OFFSET 0
) AS it
