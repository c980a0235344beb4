-- Accounts that enrolments open, unless they are there.
INSERT INTO purse (home, kind, a, b, year, prior, current)
SELECT h.home, it.*
FROM home AS h, unnest($2::smallint[], $3::bigint[], $4::integer[], $5::smallint[], $6::bigint[], $7::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, kind, a, b) DO NOTHING
