-- Messages to people.
INSERT INTO notice (home, person, serial, seq, about, what, at)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::smallint[], $7::bigint[]) AS it
WHERE h.home = $1::smallint
