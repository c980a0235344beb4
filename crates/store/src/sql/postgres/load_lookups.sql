-- People by what they are found by.
SELECT hash, person
FROM lookup
WHERE home = $1::smallint AND hash = ANY($2::bytea[])
