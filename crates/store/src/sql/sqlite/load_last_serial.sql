-- Serial and moment of the last record of a lane, by its first serial and the first after it.
SELECT serial, at
FROM record
WHERE serial >= ?1 AND serial < ?2
ORDER BY serial DESC
LIMIT 1
