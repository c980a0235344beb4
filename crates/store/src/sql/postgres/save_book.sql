-- Law books; the digest says what is in one.
INSERT INTO book (digest, content)
SELECT it.*
FROM unnest($1::bytea[], $2::bytea[]) AS it
ON CONFLICT (digest) DO NOTHING
