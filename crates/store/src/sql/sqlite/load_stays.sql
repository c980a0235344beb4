-- Stays of patients at institutions: ?1 is a JSON array of [patient, institution].
SELECT s.visit
FROM json_each(?1) AS wanted
CROSS JOIN stay AS s ON s.patient = wanted.value ->> 0 AND s.institution = wanted.value ->> 1
