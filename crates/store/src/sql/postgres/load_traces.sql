-- Packs that were sold.
SELECT it.*
FROM unnest($2::text[]) AS wanted (code)
CROSS JOIN LATERAL (
    SELECT code, settlement
    FROM trace
    WHERE home = $1::smallint AND code = wanted.code
    OFFSET 0
) AS it
