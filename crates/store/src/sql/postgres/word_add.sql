-- A word of a list.
INSERT INTO word (list, no, word)
VALUES ($1::text, $2::smallint, $3::text)
