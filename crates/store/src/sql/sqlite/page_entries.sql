-- Entries of an account before a serial, latest first; the last journal of the page is whole.
SELECT e.serial, r.at, e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
CROSS JOIN record AS r ON r.serial = e.serial
WHERE e.kind = ?1 AND e.a = ?2 AND e.b = ?3 AND e.serial < ?4 AND e.serial >= (
    SELECT min(serial) FROM (
        SELECT serial FROM entry
        WHERE kind = ?1 AND a = ?2 AND b = ?3 AND serial < ?4
        ORDER BY serial DESC
        LIMIT ?5
    )
)
ORDER BY e.serial DESC, e.seq DESC
