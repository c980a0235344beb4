-- An area is served by that of some lanes that serves the fewest, unless one serves it already.
INSERT INTO area_lane (area, lane)
SELECT $1::integer, it.lane
FROM unnest($2::smallint[]) AS it (lane)
LEFT JOIN area_lane AS others ON others.lane = it.lane
GROUP BY it.lane
ORDER BY count(others.area), it.lane
LIMIT 1
ON CONFLICT (area) DO NOTHING
