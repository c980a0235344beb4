-- The last serial of a lane, by its first serial and the first after it.
SELECT max(serial)
FROM record
WHERE serial >= ?1 AND serial < ?2
