-- What patients have used of deductible and ceiling.
INSERT INTO tally (home, person, year, scheme, month, deductible, in_scope, fund)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bigint[], $8::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, person, year, scheme, month) DO UPDATE
SET deductible = excluded.deductible, in_scope = excluded.in_scope, fund = excluded.fund
