-- Known visits; where, whose and which scheme pays never change.
INSERT INTO visit (home, no, institution, patient, scheme, enrolment, begun, med_type, cancelled, nth, discharged, final, own_no)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bigint[], $7::bigint[], $8::text[],
    $9::boolean[], $10::smallint[], $11::bigint[], $12::bigint[], $13::text[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, no) DO UPDATE
SET enrolment = excluded.enrolment, begun = excluded.begun, med_type = excluded.med_type, cancelled = excluded.cancelled,
    nth = excluded.nth, discharged = excluded.discharged, final = excluded.final
