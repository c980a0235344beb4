-- Records of these serials.
SELECT r.serial, r.at, r.sender_kind, r.sender, r.key_id, r.digest, r.request, r.facts, r.decision, r.engine, r.law, a.answer, r.salt, r.lane, r.block
FROM record AS r
CROSS JOIN answer AS a ON a.serial = r.serial
WHERE r.serial BETWEEN ?1 AND ?2
ORDER BY r.serial
LIMIT ?3
