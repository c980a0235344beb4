-- The homes that lanes write to, from one to the next by the key.
WITH RECURSIVE known (home) AS (
    (SELECT home FROM block ORDER BY home LIMIT 1)
    UNION ALL
    SELECT (SELECT min(home) FROM block WHERE home > known.home) FROM known WHERE known.home IS NOT NULL
)
SELECT home
FROM known
WHERE home IS NOT NULL
