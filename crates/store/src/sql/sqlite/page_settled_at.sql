-- What an institution settled and undid in a time, after a moment and number.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE institution = ?1 AND at >= max(?2, ?4) AND at < ?3 AND (at, no) > (?4, ?5)
ORDER BY at, no
LIMIT ?6
