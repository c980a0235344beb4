-- The record of a message that arrived.
SELECT r.serial, r.at, r.sender_kind, r.sender, r.key_id, r.digest, r.request, r.facts, r.decision, r.engine, r.law, a.answer, r.salt, r.lane, r.block
FROM request_key AS k
CROSS JOIN record AS r ON r.serial = k.serial
CROSS JOIN answer AS a ON a.serial = k.serial
WHERE k.sender_kind = ?1 AND k.sender = ?2 AND k.id = ?3 AND k.arrived = 1
