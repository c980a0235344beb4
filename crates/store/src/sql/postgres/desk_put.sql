-- Puts something into a drawer.
INSERT INTO desk (drawer, key, value, until)
VALUES ($1::text, $2::text, $3::bytea, $4::bigint)
ON CONFLICT (drawer, key) DO UPDATE
SET value = excluded.value, until = excluded.until
