-- Messages to people from these serials, in the order they were decided.
SELECT n.serial, r.at, n.person, n.about, n.what
FROM notice AS n
CROSS JOIN record AS r ON r.serial = n.serial
WHERE n.serial BETWEEN ?1 AND ?2
ORDER BY n.serial, n.seq
LIMIT ?3
