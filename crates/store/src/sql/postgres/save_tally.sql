-- What patients have used of deductible and ceiling.
INSERT INTO tally (home, person, year, scheme, care, month, deductible, in_scope, fund, stays)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::smallint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, person, year, scheme, care, month) DO UPDATE
SET deductible = excluded.deductible, in_scope = excluded.in_scope, fund = excluded.fund,
    stays = excluded.stays
