-- Visits by number; the last two say between which they lie, so that other months are left out.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT no, institution, patient, scheme, enrolment, begun, med_type, cancelled, nth, discharged, final, own_no
    FROM visit
    WHERE home = $1::smallint AND no = wanted.number AND no BETWEEN $3::bigint AND $4::bigint
    OFFSET 0
) AS it
