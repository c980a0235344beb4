-- How much the lanes of a home have made, by their last blocks.
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
SELECT coalesce(sum(last.records), 0)::bigint, coalesce(sum(last.entries), 0)::bigint,
    coalesce(sum(last.persons), 0)::bigint, coalesce(sum(last.settlements), 0)::bigint
FROM known
CROSS JOIN LATERAL (
    SELECT * FROM block AS b WHERE b.home = $1::smallint AND b.lane = known.lane ORDER BY b.number DESC LIMIT 1
) AS last
