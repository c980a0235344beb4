-- How often something was decided about people, and when last, as far as a home holds it.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT person, version, stamp
    FROM guard
    WHERE home = $1::smallint AND person = wanted.person
    OFFSET 0
) AS it
