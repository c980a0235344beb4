-- What an institution settled and undid in a time, after a moment and number: looked for in slots of 65,536 milliseconds.
WITH RECURSIVE slot (no) AS (
    SELECT max(?2, ?4) >> 16
    UNION ALL
    SELECT no + 1 FROM slot WHERE no < (?3 - 1) >> 16
)
SELECT s.no, s.visit, s.batch, s.institution, s.patient, s.scheme, s.area, s.med_type, s.purpose, s.service_day, s.at, s.total, s.full_self,
    s.over_limit, s.first_pay, s.in_scope, s.basic, s.large, s.share, s.account_before, s.tally_deductible, s.tally_in_scope, s.tally_fund,
    s.cash, s.balance_after, s.detail, s.bill, s.undoes, s.undone_by
FROM slot
CROSS JOIN settlement AS s ON s.at >> 16 = slot.no AND s.institution = ?1
WHERE s.at >= ?2 AND s.at < ?3 AND (s.at, s.no) > (?4, ?5)
ORDER BY s.at, s.no
LIMIT ?6
