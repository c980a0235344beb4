-- Enrolments of people.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT no, person, scheme, area, category, account, contract, first_day, last_day, pauses
    FROM enrolment
    WHERE home = $1::smallint AND person = wanted.person
    OFFSET 0
) AS it
