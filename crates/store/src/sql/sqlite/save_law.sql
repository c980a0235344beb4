-- Which book came into force with a record, and when.
INSERT INTO law (serial, at, book)
VALUES (?1, ?2, ?3)
