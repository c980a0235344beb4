-- Numbers of settlements that patients had after one of theirs; none of them is below the last parameter.
SELECT i.settlement
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS wanted (person, at, settlement, least)
JOIN involved AS i ON i.home = $1::smallint AND i.person = wanted.person AND i.settlement >= wanted.least
WHERE (i.at, i.settlement) > (wanted.at, wanted.settlement) AND i.patient
