-- Blocks of a lane from a number on.
SELECT lane, number, previous, hash
FROM block
WHERE home = $1::smallint AND lane = $2::smallint AND number >= $3::bigint
ORDER BY number
LIMIT $4::bigint
