-- What became of messages: ?1 is a JSON array of [sender kind, sender, id].
SELECT k.sender_kind, k.sender, k.id, k.serial, k.arrived, k.did, k.settlement, r.digest
FROM json_each(?1) AS wanted
CROSS JOIN request_key AS k ON k.sender_kind = wanted.value ->> 0 AND k.sender = wanted.value ->> 1 AND k.id = wanted.value ->> 2
CROSS JOIN record AS r ON r.serial = k.serial
