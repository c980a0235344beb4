-- The answer of a record.
INSERT INTO answer (serial, answer)
VALUES (?1, ?2)
