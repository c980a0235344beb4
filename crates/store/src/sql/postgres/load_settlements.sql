-- Settlements by number, which lie between the last two.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope,
    tally_fund, cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE home = $1::smallint AND no = ANY($2::bigint[]) AND no BETWEEN $3::bigint AND $4::bigint
