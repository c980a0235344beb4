-- Records of these serials.
SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane, block
FROM record
WHERE serial BETWEEN ?1 AND ?2
ORDER BY serial
LIMIT ?3
