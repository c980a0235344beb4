-- Numbers of settlements that these patients had after a moment; none of them is below the last parameter.
SELECT settlement
FROM involved
WHERE home = $1::smallint AND person = ANY($2::bigint[]) AND settlement >= $4::bigint AND at > $3::bigint AND patient
