-- What an institution settled and undid in a time, after a moment and number; the numbers say in which months.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE home = $1::smallint AND institution = $2::bigint AND at >= greatest($3::bigint, $5::bigint) AND at < $4::bigint
    AND (at, no) > ($5::bigint, $6::bigint) AND no BETWEEN $7::bigint AND $8::bigint
ORDER BY at, no
LIMIT $9::bigint
