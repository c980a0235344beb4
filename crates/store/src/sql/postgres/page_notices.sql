-- Messages to a person, latest first.
SELECT serial, at, person, about, what
FROM notice
WHERE home = $1::smallint AND person = $2::bigint
ORDER BY at DESC, serial DESC, seq DESC
LIMIT $3::bigint
