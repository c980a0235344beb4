-- An amendment, new or decided.
INSERT INTO amendment (person, no, proposed, what, stage, area, amendment)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (person, no) DO UPDATE
SET stage = excluded.stage, amendment = excluded.amendment
