-- The journals of these records.
SELECT e.serial, r.at, e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
CROSS JOIN record AS r ON r.serial = e.serial
WHERE e.serial IN rarray(?1)
ORDER BY e.serial DESC, e.seq DESC
