-- What an institution settled and undid in a time, after a moment and number: looked for in slots of 65,536 milliseconds;
-- the numbers say in which months.
SELECT it.*
FROM generate_series(greatest($3::bigint, $5::bigint) >> 16, ($4::bigint - 1) >> 16) AS slot (no)
CROSS JOIN LATERAL (
    SELECT no, visit, batch, institution, patient, scheme, area, med_type, purpose, service_day, at, total, full_self,
        over_limit, first_pay, in_scope, basic, large, share, account_before, tally_deductible, tally_in_scope, tally_fund,
        cash, balance_after, detail, bill, undoes, undone_by
    FROM settlement
    WHERE home = $1::smallint AND at >> 16 = slot.no AND institution = $2::bigint AND at >= $3::bigint AND at < $4::bigint
        AND (at, no) > ($5::bigint, $6::bigint) AND no BETWEEN $7::bigint AND $8::bigint
    OFFSET 0
) AS it
ORDER BY it.at, it.no
LIMIT $9::bigint
