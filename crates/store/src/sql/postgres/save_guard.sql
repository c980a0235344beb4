-- New people: nothing was decided about them before.
INSERT INTO guard (home, person, version)
SELECT $1::smallint, it.*
FROM unnest($2::bigint[], $3::bigint[]) AS it
