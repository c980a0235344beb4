-- A pack that is sold; one that was is a conflict.
INSERT INTO trace (code, settlement)
VALUES (?1, ?2)
