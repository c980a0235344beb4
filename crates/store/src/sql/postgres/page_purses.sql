-- Purses of a home after one.
SELECT kind, a, b, year, prior, current
FROM purse
WHERE home = $1::smallint AND (kind, a, b) > ($2::smallint, $3::bigint, $4::integer)
ORDER BY kind, a, b
LIMIT $5::bigint
