-- Persons; the identity stays unless a new one comes along.
INSERT INTO person (home, no, born, sex, died, guardian, identity)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::integer[], $4::smallint[], $5::integer[], $6::bigint[], $7::bytea[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, no) DO UPDATE
SET born = excluded.born, sex = excluded.sex, died = excluded.died, guardian = excluded.guardian,
    identity = coalesce(excluded.identity, person.identity)
