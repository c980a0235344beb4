-- Institutions by code.
SELECT code, area, kind, level, designations, name
FROM institution
WHERE code IN rarray(?1)
