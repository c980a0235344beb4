-- Puts something into a drawer where nothing lies under the key that has not expired.
INSERT INTO desk (drawer, key, value, until)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (drawer, key) DO UPDATE
SET value = excluded.value, until = excluded.until
WHERE desk.until <= ?5
