-- What people are no longer found by.
DELETE FROM lookup AS l
USING unnest($2::bytea[], $3::bigint[]) AS it (hash, person)
WHERE l.home = $1::smallint AND l.hash = it.hash AND l.person = it.person
