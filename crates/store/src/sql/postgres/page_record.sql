-- The record of a message that arrived.
SELECT r.serial, r.at, r.sender_kind, r.sender, r.key_id, r.digest, r.request, r.facts, r.decision, r.engine, r.law,
    r.answer, r.salt, r.lane, r.block
FROM request_key AS k
JOIN record AS r ON r.home = k.home AND r.serial = k.serial
WHERE k.home = $1::smallint AND k.sender_kind = $2::smallint AND k.sender = $3::bigint AND k.id = $4::text AND k.arrived
