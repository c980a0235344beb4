-- The journals of these records, which lie between the last two parameters.
SELECT e.serial, r.at, e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
JOIN record AS r ON r.home = e.home AND r.serial = e.serial
WHERE e.home = $1::smallint AND e.serial = ANY($2::bigint[]) AND e.serial BETWEEN $3::bigint AND $4::bigint
    AND r.serial BETWEEN $3::bigint AND $4::bigint
ORDER BY e.serial DESC, e.seq DESC
