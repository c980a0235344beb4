-- People found by lookups between two, in order.
SELECT person
FROM lookup
WHERE home = $1::smallint AND hash BETWEEN $2::bytea AND $3::bytea
ORDER BY hash
LIMIT $4::bigint
