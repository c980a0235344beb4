-- Records by serial, which lie between the last two.
SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane,
    block
FROM record
WHERE home = $1::smallint AND serial = ANY($2::bigint[]) AND serial BETWEEN $3::bigint AND $4::bigint
