-- What concerned a person in one of these roles before a moment and number, latest first.
SELECT at, number
FROM involved
WHERE home = $1::smallint AND person = $2::bigint AND (at, number) < ($3::bigint, $4::bigint) AND role & $5::smallint <> 0
ORDER BY at DESC, number DESC
LIMIT $6::bigint
