-- A batch of lines.
INSERT INTO batch (visit, no, settled, lines)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (visit, no) DO UPDATE
SET settled = excluded.settled, lines = excluded.lines
