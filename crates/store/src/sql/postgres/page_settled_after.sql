-- Of the settlements of these numbers, the first after so many.
SELECT no
FROM settlement
WHERE home = $1::smallint AND no BETWEEN $2::bigint AND $3::bigint
ORDER BY no
LIMIT 1 OFFSET $4::bigint
