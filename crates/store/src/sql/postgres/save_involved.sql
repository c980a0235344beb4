-- Whom requests concerned.
INSERT INTO involved (home, person, at, number, role)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[]) AS it
