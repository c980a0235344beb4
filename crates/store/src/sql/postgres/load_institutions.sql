-- Institutions by code.
SELECT code, area, kind, level, designations, name
FROM institution
WHERE code = ANY($1::bigint[])
