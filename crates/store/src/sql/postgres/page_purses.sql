-- Purses after one; a quota may stand in two homes.
SELECT DISTINCT it.kind, it.a, it.b, it.year, it.prior, it.current
FROM unnest($1::smallint[]) AS near (home)
CROSS JOIN LATERAL (
    SELECT kind, a, b, year, prior, current
    FROM purse
    WHERE home = near.home AND (kind, a, b) > ($2::smallint, $3::bigint, $4::integer)
    ORDER BY kind, a, b
    LIMIT $5::bigint
) AS it
ORDER BY it.kind, it.a, it.b
LIMIT $5::bigint
