-- Batches of lines of known visits.
INSERT INTO batch (home, visit, no, settled, lines)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::text[], $4::bigint[], $5::bytea[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, visit, no) DO UPDATE
SET settled = excluded.settled, lines = excluded.lines
