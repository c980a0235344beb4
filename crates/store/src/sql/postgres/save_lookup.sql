-- What people are found by; one that is taken is a conflict.
INSERT INTO lookup (home, hash, person)
SELECT h.home, it.*
FROM home AS h, unnest($2::bytea[], $3::bigint[]) AS it
WHERE h.home = $1::smallint
