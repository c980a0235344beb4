-- The lanes that have blocks, from one to the next by the key, each with the last serial it gave.
WITH RECURSIVE known (lane) AS (
    SELECT min(lane) FROM block
    UNION ALL
    SELECT (SELECT min(lane) FROM block WHERE lane > known.lane) FROM known WHERE known.lane IS NOT NULL
)
SELECT lane, (SELECT last_serial FROM block WHERE block.lane = known.lane ORDER BY number DESC LIMIT 1)
FROM known
WHERE lane IS NOT NULL
