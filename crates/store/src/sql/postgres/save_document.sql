-- Documents that were shown at the counter, or sent.
INSERT INTO document (home, person, serial, seq, clerk, act, about, binding, kind, seen, number, photographs, at)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::smallint[], $7::bigint[],
    $8::bigint[], $9::smallint[], $10::smallint[], $11::bytea[], $12::bytea[], $13::bigint[]) AS it
WHERE h.home = $1::smallint
