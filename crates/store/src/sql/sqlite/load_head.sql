-- The latest block of every lane, with serial and moment of the last record in it.
WITH RECURSIVE known (lane) AS (
    SELECT min(lane) FROM block
    UNION ALL
    SELECT (SELECT min(lane) FROM block WHERE lane > known.lane) FROM known WHERE known.lane IS NOT NULL
)
SELECT b.lane, b.number, b.previous, b.hash, b.last_serial, b.last_at
FROM known
CROSS JOIN block AS b ON b.lane = known.lane AND b.number = (SELECT max(number) FROM block WHERE lane = known.lane)
