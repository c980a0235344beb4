-- Blocks of a lane from a number on.
SELECT lane, number, previous, hash
FROM block
WHERE lane = ?1 AND number >= ?2
ORDER BY number
LIMIT ?3
