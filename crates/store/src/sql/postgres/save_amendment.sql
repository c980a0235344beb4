-- Amendments, new or decided.
INSERT INTO amendment (home, person, no, proposed, what, stage, area, amendment)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::smallint[], $7::integer[],
    $8::bytea[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, person, no) DO UPDATE
SET stage = excluded.stage, amendment = excluded.amendment
