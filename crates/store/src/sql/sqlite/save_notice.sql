-- A message to a person.
INSERT INTO notice (person, serial, seq, about, what)
VALUES (?1, ?2, ?3, ?4, ?5)
