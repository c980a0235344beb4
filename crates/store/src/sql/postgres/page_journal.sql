-- Entries of whole journals from a serial on, in order.
SELECT e.serial, (SELECT at FROM record WHERE home = e.home AND serial = e.serial), e.kind, e.a, e.b, e.part, e.amount
FROM unnest($1::smallint[]) AS near (home)
CROSS JOIN LATERAL (
    SELECT * FROM entry
    WHERE home = near.home AND serial >= $2::bigint AND serial <= (
        SELECT max(first.serial)
        FROM (
            SELECT one.serial
            FROM unnest($1::smallint[]) AS all_homes (home)
            CROSS JOIN LATERAL (
                SELECT DISTINCT serial FROM entry
                WHERE home = all_homes.home AND serial >= $2::bigint
                ORDER BY serial
                LIMIT $3::bigint
            ) AS one
            ORDER BY one.serial
            LIMIT $3::bigint
        ) AS first
    )
) AS e
ORDER BY e.serial, e.seq
