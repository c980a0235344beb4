-- The lane that serves an area.
SELECT lane
FROM area_lane
WHERE area = $1::integer
