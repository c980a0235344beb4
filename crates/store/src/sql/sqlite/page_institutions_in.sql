-- Institutions of an area after one, of a kind and with a text in their names.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE area = ?1 AND code > ?2 AND (?3 IS NULL OR kind = ?3) AND instr(coalesce(name, ''), ?4) > 0
ORDER BY code
LIMIT ?5
