-- Entries of journals.
INSERT INTO entry (home, serial, seq, kind, a, b, part, amount)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::bigint[], $6::integer[], $7::smallint[], $8::bigint[]) AS it
