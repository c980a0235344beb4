-- Accounts of people, and quotas of bindings.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (person)
CROSS JOIN LATERAL (
    SELECT kind, a, b, year, prior, current
    FROM purse
    WHERE home = $1::smallint AND kind = 0 AND a = wanted.person
    OFFSET 0
) AS it
UNION ALL
SELECT it.*
FROM unnest($3::bigint[]) AS wanted (binding)
CROSS JOIN LATERAL (
    SELECT kind, a, b, year, prior, current
    FROM purse
    WHERE home = $1::smallint AND kind = 1 AND a = wanted.binding AND b = 0
    OFFSET 0
) AS it
