-- How often something was decided about people.
SELECT person, version
FROM guard
WHERE home = $1::smallint AND person = ANY($2::bigint[])
