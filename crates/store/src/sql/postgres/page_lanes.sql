-- The lanes of a home that have blocks, from one to the next by the key, each with the last serial it gave.
WITH RECURSIVE known (lane) AS (
    (SELECT lane FROM block WHERE home = $1::smallint ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT later.lane
    FROM known
    CROSS JOIN LATERAL (
        SELECT b.lane FROM block AS b
        WHERE b.home = $1::smallint AND b.lane > known.lane
        ORDER BY b.lane LIMIT 1
    ) AS later
)
SELECT last.lane, last.last_serial
FROM known
CROSS JOIN LATERAL (
    SELECT * FROM block AS b WHERE b.home = $1::smallint AND b.lane = known.lane ORDER BY b.number DESC LIMIT 1
) AS last
