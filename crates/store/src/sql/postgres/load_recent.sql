-- Numbers of settlements that these patients had after a moment.
SELECT number
FROM involved
WHERE home = $1::smallint AND person = ANY($2::bigint[]) AND at > $3::bigint AND role & 2 <> 0
