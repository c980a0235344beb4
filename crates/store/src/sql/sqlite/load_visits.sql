-- Visits by number.
SELECT no, institution, patient, scheme, enrolment, begun, med_type, cancelled
FROM visit
WHERE no IN rarray(?1)
