-- Packs that were sold, after one.
SELECT code, settlement
FROM trace
WHERE code > ?1
ORDER BY code
LIMIT ?2
