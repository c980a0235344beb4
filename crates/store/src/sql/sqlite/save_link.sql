-- A family code link.
INSERT INTO link (member, holder, relation, since, confirm_by, until)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (member, holder) DO UPDATE
SET relation = excluded.relation, since = excluded.since, confirm_by = excluded.confirm_by, until = excluded.until
