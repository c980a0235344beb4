-- A person; the identity stays unless a new one comes along.
INSERT INTO person (no, born, sex, died, guardian, identity)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (no) DO UPDATE
SET born = excluded.born, sex = excluded.sex, died = excluded.died, guardian = excluded.guardian,
    identity = coalesce(excluded.identity, identity)
