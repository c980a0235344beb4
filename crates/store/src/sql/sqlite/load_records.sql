-- Records by serial.
SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane, block
FROM record
WHERE serial IN rarray(?1)
