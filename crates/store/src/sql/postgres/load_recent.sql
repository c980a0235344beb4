-- Numbers of settlements that these patients had after a moment; none of them is below the last parameter.
SELECT it.settlement
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT * FROM involved
    WHERE home = $1::smallint AND person = wanted.person AND settlement >= $4::bigint
    OFFSET 0
) AS it
WHERE it.at > $3::bigint AND it.patient
