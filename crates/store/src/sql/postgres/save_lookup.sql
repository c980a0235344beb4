-- What people are found by; one that is taken is a conflict.
INSERT INTO lookup (home, hash, person)
SELECT $1::smallint, it.*
FROM unnest($2::bytea[], $3::bigint[]) AS it
