-- Settlements that people had after one of theirs: ?1 is a JSON array of [person, moment, settlement].
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE no IN (
    SELECT i.number
    FROM json_each(?1) AS wanted
    CROSS JOIN involved AS i ON i.person = wanted.value ->> 0 AND (i.at, i.number) > (wanted.value ->> 1, wanted.value ->> 2)
    WHERE i.role & 2
)
