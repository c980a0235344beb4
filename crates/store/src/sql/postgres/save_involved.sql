-- Whom requests concerned.
INSERT INTO involved (home, person, at, number, role)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) AS it
WHERE h.home = $1::smallint
