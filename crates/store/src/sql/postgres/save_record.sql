-- Records; a serial that is taken is a conflict.
INSERT INTO record (home, serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane,
    block)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[],
    $10::bytea[], $11::smallint[], $12::bytea[], $13::bytea[], $14::bytea[], $15::smallint[], $16::bigint[]) AS it
WHERE h.home = $1::smallint
