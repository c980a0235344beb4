-- Puts something into a drawer.
INSERT INTO desk (drawer, key, value, until)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (drawer, key) DO UPDATE
SET value = excluded.value, until = excluded.until
