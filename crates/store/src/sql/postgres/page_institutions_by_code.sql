-- Institutions after one.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE code > $1::bigint
ORDER BY code
LIMIT $2::bigint
