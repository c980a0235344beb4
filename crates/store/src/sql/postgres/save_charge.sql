-- In which batches lines of stays were put.
INSERT INTO charge (home, visit, line, batch)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::text[], $4::text[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, visit, line) DO UPDATE
SET batch = excluded.batch
