-- Institutions after one.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE code > ?1
ORDER BY code
LIMIT ?2
