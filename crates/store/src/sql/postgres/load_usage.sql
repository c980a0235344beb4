-- What bindings have spent.
SELECT binding, year, month, in_month, in_year
FROM usage
WHERE home = $1::smallint AND binding = ANY($2::bigint[])
