-- Numbers of settlements that these patients had after a moment.
SELECT it.number
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT * FROM involved
    WHERE home = $1::smallint AND person = wanted.person AND at > $3::bigint
    OFFSET 0
) AS it
WHERE it.role & 2 <> 0
