-- Entries of whole journals from a serial on, in order.
SELECT e.serial, r.at, e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
CROSS JOIN record AS r ON r.serial = e.serial
WHERE e.serial >= ?1 AND e.serial <= (
    SELECT max(serial) FROM (
        SELECT DISTINCT serial FROM entry WHERE serial >= ?1 ORDER BY serial LIMIT ?2
    )
)
ORDER BY e.serial, e.seq
