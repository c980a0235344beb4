-- A visit; where, whose and which scheme pays never change.
INSERT INTO visit (no, institution, patient, scheme, enrolment, begun, med_type, cancelled, nth, discharged, final, own_no)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (no) DO UPDATE
SET enrolment = excluded.enrolment, begun = excluded.begun, med_type = excluded.med_type, cancelled = excluded.cancelled,
    nth = excluded.nth, discharged = excluded.discharged, final = excluded.final
