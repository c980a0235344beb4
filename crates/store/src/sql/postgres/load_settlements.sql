-- Settlements by number; the last two say between which they lie, so that other months are left out.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
        over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope,
        tally_fund, cash, balance_after, detail, bill, undoes, undone_by
    FROM settlement
    WHERE home = $1::smallint AND no = wanted.number AND no BETWEEN $3::bigint AND $4::bigint
    OFFSET 0
) AS it
