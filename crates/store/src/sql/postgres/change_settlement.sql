-- Known settlements: nothing of them ever changes but what undid them.
INSERT INTO settlement (home, no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope,
    tally_fund, accounts, relatives, cash, balance_after, detail, bill, undoes, undone_by)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::smallint[], $8::integer[],
    $9::text[], $10::smallint[], $11::integer[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
    $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::smallint[], $21::bigint[],
    $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[],
    $29::bytea[], $30::bytea[], $31::bigint[], $32::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, no) DO UPDATE
SET undone_by = excluded.undone_by
