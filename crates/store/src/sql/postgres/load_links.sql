-- Family codes of these people that others can show.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT member, holder, relation, since, confirm_by, until
    FROM link
    WHERE home = $1::smallint AND member = wanted.person
    OFFSET 0
) AS it
