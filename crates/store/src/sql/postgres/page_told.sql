-- Messages to people from these serials, in the order they were decided, each with its place in its decision.
SELECT serial, at, person, about, what, seq
FROM notice
WHERE home = $1::smallint AND serial BETWEEN $2::bigint AND $3::bigint
ORDER BY serial, seq
LIMIT $4::bigint
