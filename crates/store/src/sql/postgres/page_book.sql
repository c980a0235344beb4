-- A law book.
SELECT content
FROM book
WHERE digest = $1::bytea
