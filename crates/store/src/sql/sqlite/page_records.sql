-- Records from a serial on.
SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane, block
FROM record
WHERE serial >= ?1
ORDER BY serial
LIMIT ?2
