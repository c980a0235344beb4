-- What became of a message that arrived; changes nothing where one arrived under the key before.
INSERT INTO request_key (sender_kind, sender, id, serial, arrived, did, settlement)
VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
ON CONFLICT (sender_kind, sender, id) DO UPDATE
SET serial = excluded.serial, arrived = 1, did = excluded.did, settlement = excluded.settlement
WHERE arrived = 0
