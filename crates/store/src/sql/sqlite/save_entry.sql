-- An entry of a journal.
INSERT INTO entry (serial, seq, kind, a, b, part, amount)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
