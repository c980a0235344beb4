-- Persons by number.
SELECT no, born, sex, died, guardian, identity
FROM person
WHERE home = $1::smallint AND no = ANY($2::bigint[])
