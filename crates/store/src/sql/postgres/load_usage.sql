-- What bindings have spent.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (binding)
CROSS JOIN LATERAL (
    SELECT binding, year, month, in_month, in_year
    FROM usage
    WHERE home = $1::smallint AND binding = wanted.binding
    OFFSET 0
) AS it
