-- How much all lanes have made, by their last blocks.
WITH RECURSIVE known (lane) AS (
    SELECT min(lane) FROM block
    UNION ALL
    SELECT (SELECT min(lane) FROM block WHERE lane > known.lane) FROM known WHERE known.lane IS NOT NULL
)
SELECT coalesce(sum(records), 0), coalesce(sum(entries), 0), coalesce(sum(persons), 0), coalesce(sum(settlements), 0)
FROM known
CROSS JOIN block AS b ON b.lane = known.lane AND b.number = (SELECT max(number) FROM block WHERE lane = known.lane)
