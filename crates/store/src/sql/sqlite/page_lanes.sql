-- The lanes that have blocks, from one to the next by the key.
WITH RECURSIVE known (lane) AS (
    SELECT min(lane) FROM block
    UNION ALL
    SELECT (SELECT min(lane) FROM block WHERE lane > known.lane) FROM known WHERE known.lane IS NOT NULL
)
SELECT lane
FROM known
WHERE lane IS NOT NULL
