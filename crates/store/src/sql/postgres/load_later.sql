-- Numbers of settlements that patients had after one of theirs.
SELECT i.number
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS wanted (person, at, number)
JOIN involved AS i ON i.home = $1::smallint AND i.person = wanted.person AND (i.at, i.number) > (wanted.at, wanted.number)
WHERE i.role & 2 <> 0
