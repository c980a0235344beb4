-- Whose settlements they are.
INSERT INTO involved (home, person, at, settlement, patient)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[]) AS it
