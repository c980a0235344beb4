-- Packs that are free again, as long as this settlement is what sold them.
DELETE FROM trace AS t
USING unnest($2::text[], $3::bigint[]) AS it (code, settlement)
WHERE t.home = $1::smallint AND t.code = it.code AND t.settlement = it.settlement
