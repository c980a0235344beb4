-- Family code links.
INSERT INTO link (home, member, holder, relation, since, confirm_by, until)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::integer[], $7::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, member, holder) DO UPDATE
SET relation = excluded.relation, since = excluded.since, confirm_by = excluded.confirm_by, until = excluded.until
