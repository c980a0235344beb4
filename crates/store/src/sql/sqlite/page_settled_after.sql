-- Of the settlements of these numbers, the first after so many.
SELECT no
FROM settlement
WHERE no BETWEEN ?1 AND ?2
ORDER BY no
LIMIT 1 OFFSET ?3
