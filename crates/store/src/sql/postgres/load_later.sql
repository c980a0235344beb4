-- Numbers of settlements that patients had after one of theirs.
SELECT i.number
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS wanted (person, at, number)
CROSS JOIN LATERAL (
    SELECT * FROM involved
    WHERE home = $1::smallint AND person = wanted.person AND (at, number) > (wanted.at, wanted.number)
    OFFSET 0
) AS i
WHERE i.role & 2 <> 0
