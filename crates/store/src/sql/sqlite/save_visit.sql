-- A visit; where, whose and in which scheme never change.
INSERT INTO visit (no, institution, patient, scheme, enrolment, begun, med_type, cancelled)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (no) DO UPDATE
SET enrolment = excluded.enrolment, begun = excluded.begun, med_type = excluded.med_type,
    cancelled = excluded.cancelled
