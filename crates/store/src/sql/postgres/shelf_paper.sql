-- A paper that still counts.
SELECT until, sealed
FROM paper
WHERE person = $1::bigint AND digest = $2::bytea AND until > $3::bigint
