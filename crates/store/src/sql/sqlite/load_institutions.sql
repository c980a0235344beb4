-- Institutions by code.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE code IN rarray(?1)
