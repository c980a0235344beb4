-- Whose medical codes somebody may be able to show: members of family code links, and minors they act for.
SELECT member
FROM link
WHERE home = $1::smallint AND holder = $2::bigint
UNION ALL
SELECT no
FROM person
WHERE home = $1::smallint AND guardian = $2::bigint
