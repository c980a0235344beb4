-- Institutions by code.
SELECT it.*
FROM unnest($1::bigint[]) AS wanted (code)
CROSS JOIN LATERAL (
    SELECT code, area, kind, level, designations, suspensions, capabilities, name
    FROM institution
    WHERE code = wanted.code
    OFFSET 0
) AS it
