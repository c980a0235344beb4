-- The latest block of every lane, with serial and moment of the last record in it.
WITH RECURSIVE known (home, lane) AS (
    (SELECT home, lane FROM block ORDER BY home, lane LIMIT 1)
    UNION ALL
    SELECT later.home, later.lane
    FROM known
    CROSS JOIN LATERAL (
        SELECT b.home, b.lane FROM block AS b
        WHERE (b.home, b.lane) > (known.home, known.lane)
        ORDER BY b.home, b.lane LIMIT 1
    ) AS later
)
SELECT last.lane, last.number, last.previous, last.hash, last.last_serial, last.last_at
FROM known
CROSS JOIN LATERAL (
    SELECT * FROM block AS b WHERE b.home = known.home AND b.lane = known.lane ORDER BY b.number DESC LIMIT 1
) AS last
