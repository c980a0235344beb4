-- Settlements of these numbers that relatives' money paid a part of, by number.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE no BETWEEN ?1 AND ?2 AND relatives > 0
ORDER BY no
LIMIT ?3
