-- A record without its answer; a serial that is taken is a conflict.
INSERT INTO record (serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, salt, lane, block)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
