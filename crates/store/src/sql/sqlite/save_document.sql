-- A document that was shown at the counter, or sent.
INSERT INTO document (person, serial, seq, clerk, act, about, binding, kind, seen, number, photographs)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
