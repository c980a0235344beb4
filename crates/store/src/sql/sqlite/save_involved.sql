-- Whom a request concerned.
INSERT INTO involved (person, at, number, role)
VALUES (?1, ?2, ?3, ?4)
