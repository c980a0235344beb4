-- Family code links.
INSERT INTO link (home, member, holder, relation, since, until)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::bigint[], $6::bigint[]) AS it
ON CONFLICT (home, member, holder) DO UPDATE
SET relation = excluded.relation, since = excluded.since, until = excluded.until
