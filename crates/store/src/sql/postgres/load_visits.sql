-- Visits by number, which lie between the last two.
SELECT no, institution, patient, scheme, enrolment, begun, med_type, cancelled
FROM visit
WHERE home = $1::smallint AND no = ANY($2::bigint[]) AND no BETWEEN $3::bigint AND $4::bigint
