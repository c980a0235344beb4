-- What bindings have spent.
INSERT INTO usage (home, binding, year, month, in_month, in_year)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::bigint[], $6::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, binding) DO UPDATE
SET year = excluded.year, month = excluded.month, in_month = excluded.in_month, in_year = excluded.in_year
