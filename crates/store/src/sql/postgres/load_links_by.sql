-- Family codes of others that these people can show.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT member, holder, relation, since, confirm_by, until
    FROM link
    WHERE home = $1::smallint AND holder = wanted.person
    OFFSET 0
) AS it
