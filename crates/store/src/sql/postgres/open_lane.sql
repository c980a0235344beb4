-- A lane is opened for the first time, or again.
INSERT INTO lane (no)
VALUES ($1::smallint)
ON CONFLICT (no) DO NOTHING
