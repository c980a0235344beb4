-- Law books that come into force; the last one counts.
INSERT INTO law (epoch, serial, book)
SELECT it.*
FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS it
