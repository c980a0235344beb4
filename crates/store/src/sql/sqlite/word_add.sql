-- A word of a list.
INSERT INTO word (list, no, word)
VALUES (?1, ?2, ?3)
