-- Entries of an account before a serial, latest first; the last journal of the page is whole.
SELECT e.serial, (SELECT at FROM record WHERE home = e.home AND serial = e.serial), e.kind, e.a, e.b, e.part, e.amount
FROM entry AS e
WHERE e.a = $2::bigint AND e.b = $3::integer AND e.kind = $1::smallint AND e.serial < $4::bigint AND e.serial >= (
    SELECT min(latest.serial)
    FROM (
        SELECT serial FROM entry
        WHERE a = $2::bigint AND b = $3::integer AND kind = $1::smallint AND serial < $4::bigint
        ORDER BY serial DESC
        LIMIT $5::bigint
    ) AS latest
)
ORDER BY e.serial DESC, e.seq DESC
