-- A family code link.
INSERT INTO link (member, holder, relation, since, until)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (member, holder) DO UPDATE
SET relation = excluded.relation, since = excluded.since, until = excluded.until
