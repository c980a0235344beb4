-- Settlements that these people had after a moment.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE no IN (SELECT number FROM involved WHERE person IN rarray(?1) AND at > ?2 AND role & 2)
