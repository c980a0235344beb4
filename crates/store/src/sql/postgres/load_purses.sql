-- Accounts of people, and quotas of bindings.
SELECT kind, a, b, year, prior, current
FROM purse
WHERE home = $1::smallint AND kind = 0 AND a = ANY($2::bigint[])
UNION ALL
SELECT kind, a, b, year, prior, current
FROM purse
WHERE home = $1::smallint AND kind = 1 AND a = ANY($3::bigint[]) AND b = 0
