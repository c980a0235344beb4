-- Packs that are sold; one that was is a conflict.
INSERT INTO trace (home, code, settlement)
SELECT h.home, it.*
FROM home AS h, unnest($2::text[], $3::bigint[]) AS it
WHERE h.home = $1::smallint
