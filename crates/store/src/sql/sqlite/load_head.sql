-- The latest block of a lane.
SELECT lane, number, previous, hash
FROM block
WHERE lane = ?1
ORDER BY number DESC
LIMIT 1
