-- What a binding has spent.
INSERT INTO usage (binding, year, month, in_month, in_year)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (binding) DO UPDATE
SET year = excluded.year, month = excluded.month, in_month = excluded.in_month, in_year = excluded.in_year
