-- A stay of a patient at an institution.
INSERT INTO stay (patient, institution, visit)
VALUES (?1, ?2, ?3)
ON CONFLICT DO NOTHING
