-- Numbers of settlements of a person before one, latest first; those of the last record are whole: the last
-- parameter is how many numbers a record has.
SELECT settlement
FROM involved
WHERE home = $1::smallint AND person = $2::bigint AND settlement < $3::bigint AND settlement >= (
    SELECT min(latest.settlement) / $5::bigint * $5::bigint
    FROM (
        SELECT settlement FROM involved
        WHERE home = $1::smallint AND person = $2::bigint AND settlement < $3::bigint
        ORDER BY settlement DESC
        LIMIT $4::bigint
    ) AS latest
)
