-- A block of the chain; a number that is taken is a conflict.
INSERT INTO block (lane, number, previous, hash, last_serial, last_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
