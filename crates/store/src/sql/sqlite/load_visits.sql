-- Visits by number.
SELECT no, institution, patient, scheme, enrolment, begun, med_type, cancelled, nth, discharged, final, own_no
FROM visit
WHERE no IN rarray(?1)
