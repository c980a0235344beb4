-- A message is barred by a record. One that arrived under another record stays as it is.
INSERT INTO request_key (sender_kind, sender, id, serial, arrived, did, settlement)
VALUES (?1, ?2, ?3, ?4, 0, 3, NULL)
ON CONFLICT (sender_kind, sender, id) DO UPDATE
SET serial = excluded.serial, did = 3, settlement = NULL
WHERE arrived = 0 OR serial = excluded.serial
