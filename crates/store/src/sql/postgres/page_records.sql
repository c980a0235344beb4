-- Records of a home with these serials.
SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane,
    block
FROM record
WHERE home = $1::smallint AND serial BETWEEN $2::bigint AND $3::bigint
ORDER BY serial
LIMIT $4::bigint
