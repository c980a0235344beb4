-- How much all lanes have made, by their last blocks.
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
SELECT coalesce(sum(last.records), 0)::bigint, coalesce(sum(last.entries), 0)::bigint,
    coalesce(sum(last.persons), 0)::bigint, coalesce(sum(last.settlements), 0)::bigint
FROM known
CROSS JOIN LATERAL (
    SELECT * FROM block AS b WHERE b.home = known.home AND b.lane = known.lane ORDER BY b.number DESC LIMIT 1
) AS last
