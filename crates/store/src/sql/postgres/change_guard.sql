-- Something is decided about these people, in the order of their numbers; whoever was changed since they were loaded
-- is a conflict: no version is -1. Version 0: nothing was decided yet that this home holds.
INSERT INTO guard AS g (home, person, version, stamp)
SELECT h.home, it.person, it.version + 1, $4::bigint
FROM home AS h, unnest($2::bigint[], $3::bigint[]) AS it (person, version)
WHERE h.home = $1::smallint
ON CONFLICT (home, person) DO UPDATE
SET version = CASE WHEN g.version = excluded.version - 1 THEN excluded.version ELSE -1 END, stamp = excluded.stamp
