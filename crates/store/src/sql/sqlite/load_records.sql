-- Records by serial.
SELECT r.serial, r.at, r.sender_kind, r.sender, r.key_id, r.digest, r.request, r.facts, r.decision, r.engine, r.law, a.answer, r.salt, r.lane, r.block
FROM record AS r
CROSS JOIN answer AS a ON a.serial = r.serial
WHERE r.serial IN rarray(?1)
