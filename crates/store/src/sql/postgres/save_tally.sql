-- What patients have used of deductible and ceiling.
INSERT INTO tally (home, person, year, scheme, month, deductible, in_scope, fund)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bigint[], $8::bigint[]) AS it
ON CONFLICT (home, person, year, scheme, month) DO UPDATE
SET deductible = excluded.deductible, in_scope = excluded.in_scope, fund = excluded.fund
