-- A block of the chain; a number that is taken is a conflict.
INSERT INTO block (lane, number, previous, hash)
VALUES (?1, ?2, ?3, ?4)
