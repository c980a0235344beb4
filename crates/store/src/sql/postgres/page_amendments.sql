-- Amendments of what a person is known by.
SELECT amendment
FROM amendment
WHERE home = $1::smallint AND person = $2::bigint
ORDER BY no
