-- Stays of patients at institutions.
SELECT it.visit
FROM unnest($2::bigint[], $3::bigint[]) AS wanted (patient, institution)
CROSS JOIN LATERAL (
    SELECT visit
    FROM stay
    WHERE home = $1::smallint AND patient = wanted.patient AND institution = wanted.institution
    OFFSET 0
) AS it
