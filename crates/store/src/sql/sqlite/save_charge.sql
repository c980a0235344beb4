-- In which batch a line of a stay was put.
INSERT INTO charge (visit, line, batch)
VALUES (?1, ?2, ?3)
ON CONFLICT (visit, line) DO UPDATE
SET batch = excluded.batch
