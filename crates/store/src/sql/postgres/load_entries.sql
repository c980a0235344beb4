-- The journals of these records, which lie between the last two parameters.
SELECT e.serial, (SELECT at FROM record WHERE home = $1::smallint AND serial = e.serial), e.kind, e.a, e.b, e.part, e.amount
FROM unnest($2::bigint[]) AS wanted (serial)
CROSS JOIN LATERAL (
    SELECT * FROM entry
    WHERE home = $1::smallint AND serial = wanted.serial AND serial BETWEEN $3::bigint AND $4::bigint
    OFFSET 0
) AS e
ORDER BY e.serial DESC, e.seq DESC
