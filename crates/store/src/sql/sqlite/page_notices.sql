-- Messages to a person, latest first.
SELECT n.serial, r.at, n.person, n.about, n.what
FROM notice AS n
CROSS JOIN record AS r ON r.serial = n.serial
WHERE n.person = ?1
ORDER BY r.at DESC, n.serial DESC, n.seq DESC
LIMIT ?2
