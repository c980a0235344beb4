-- Lets a paper count until a later moment.
UPDATE paper
SET until = greatest(until, $3::bigint)
WHERE person = $1::bigint AND digest = $2::bytea
