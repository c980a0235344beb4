-- Entries of so many whole journals of a home from a serial on, in order.
SELECT e.serial, r.at, e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
JOIN record AS r ON r.home = e.home AND r.serial = e.serial
WHERE e.home = $1::smallint AND e.serial >= $2::bigint AND e.serial <= (
    SELECT max(first.serial)
    FROM (
        SELECT DISTINCT serial FROM entry
        WHERE home = $1::smallint AND serial >= $2::bigint
        ORDER BY serial
        LIMIT $3::bigint
    ) AS first
)
ORDER BY e.serial, e.seq
