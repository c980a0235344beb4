-- Settlements of these numbers that relatives' money paid a part of, by number.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE home = $1::smallint AND no BETWEEN $2::bigint AND $3::bigint AND relatives > 0
ORDER BY no
LIMIT $4::bigint
