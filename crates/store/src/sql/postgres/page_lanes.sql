-- The lanes that have blocks, from one to the next by the key, each with the last serial it gave.
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
SELECT last.lane, last.last_serial
FROM known
CROSS JOIN LATERAL (
    SELECT * FROM block AS b WHERE b.home = known.home AND b.lane = known.lane ORDER BY b.number DESC LIMIT 1
) AS last
ORDER BY last.lane
