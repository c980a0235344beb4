-- Institutions whose names stand between two texts, by name and code.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE name >= ?1 AND name < ?2
ORDER BY name, code
LIMIT ?3
