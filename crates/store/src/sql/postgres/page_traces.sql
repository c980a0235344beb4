-- Packs of a home that were sold, after one.
SELECT code, settlement
FROM trace
WHERE home = $1::smallint AND code > $2::text
ORDER BY code
LIMIT $3::bigint
