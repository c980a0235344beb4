-- Documents that a person showed at the counter or sent, latest first.
SELECT d.serial, r.at, d.person, d.clerk, d.act, d.about, d.binding, d.kind, d.seen, d.number, d.photographs
FROM document AS d
CROSS JOIN record AS r ON r.serial = d.serial
WHERE d.person = ?1
ORDER BY r.at DESC, d.serial DESC, d.seq DESC
LIMIT ?2
