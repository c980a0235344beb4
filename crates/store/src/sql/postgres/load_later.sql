-- Numbers of settlements that patients had after one of theirs; none of them is below the last parameter.
SELECT i.settlement
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS wanted (person, at, settlement, least)
CROSS JOIN LATERAL (
    SELECT * FROM involved
    WHERE home = $1::smallint AND person = wanted.person AND settlement >= wanted.least
    OFFSET 0
) AS i
WHERE (i.at, i.settlement) > (wanted.at, wanted.settlement) AND i.patient
