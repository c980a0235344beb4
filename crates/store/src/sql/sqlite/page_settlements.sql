-- Settlements of a person before a number, latest first; those of the last
-- record are whole: ?4 is how many numbers a record has.
SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
    over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
    cash, balance_after, detail, bill, undoes, undone_by
FROM settlement
WHERE no IN (
    SELECT settlement FROM involved
    WHERE person = ?1 AND settlement < ?2 AND settlement >= (
        SELECT min(settlement) / ?4 * ?4 FROM (
            SELECT settlement FROM involved
            WHERE person = ?1 AND settlement < ?2
            ORDER BY settlement DESC
            LIMIT ?3
        )
    )
)
ORDER BY no DESC
