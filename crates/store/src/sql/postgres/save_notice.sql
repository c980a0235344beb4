-- Messages to people.
INSERT INTO notice (home, person, serial, seq, binding, what, at)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::smallint[], $7::bigint[]) AS it
