-- Tallies of people in years.
SELECT person, year, scheme, month, deductible, in_scope, fund
FROM tally
WHERE home = $1::smallint AND person = ANY($2::bigint[]) AND year = ANY($3::smallint[])
