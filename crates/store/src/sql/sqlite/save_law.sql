-- A law book comes into force.
INSERT INTO law (serial, book)
VALUES (?1, ?2)
