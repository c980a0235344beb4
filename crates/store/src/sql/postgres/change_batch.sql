-- Batches of lines of known visits.
INSERT INTO batch (home, visit, no, settled, lines)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bytea[]) AS it
ON CONFLICT (home, visit, no) DO UPDATE
SET settled = excluded.settled, lines = excluded.lines
