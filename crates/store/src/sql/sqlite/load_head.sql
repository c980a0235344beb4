-- The latest block of a lane, with serial and moment of the last record in it.
SELECT lane, number, previous, hash, last_serial, last_at
FROM block
WHERE lane = ?1
ORDER BY number DESC
LIMIT 1
