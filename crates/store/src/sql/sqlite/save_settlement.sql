-- A settlement; nothing of it ever changes but what undid it.
INSERT INTO settlement (no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    accounts, relatives, cash, balance_after, detail, bill, undoes, undone_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31)
ON CONFLICT (no) DO UPDATE
SET undone_by = excluded.undone_by
