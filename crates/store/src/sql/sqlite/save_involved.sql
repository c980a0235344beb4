-- Whose settlement it is.
INSERT INTO involved (person, at, settlement, patient)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (person, at, settlement) DO NOTHING
