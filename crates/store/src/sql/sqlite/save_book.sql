-- A law book; the digest says what is in it.
INSERT INTO book (digest, content)
VALUES (?1, ?2)
ON CONFLICT (digest) DO NOTHING
