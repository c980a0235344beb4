-- Entries of journals.
INSERT INTO entry (home, serial, seq, kind, a, b, part, amount)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::bigint[], $6::integer[], $7::smallint[], $8::bigint[]) AS it
WHERE h.home = $1::smallint
