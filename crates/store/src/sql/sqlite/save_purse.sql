-- What a purse holds now.
INSERT INTO purse (kind, a, b, year, prior, current)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (kind, a, b) DO UPDATE
SET year = excluded.year, prior = excluded.prior, current = excluded.current
