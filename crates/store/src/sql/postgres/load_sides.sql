-- The two people of each of these bindings.
SELECT giver, beneficiary
FROM binding
WHERE home = $1::smallint AND no = ANY($2::bigint[])
