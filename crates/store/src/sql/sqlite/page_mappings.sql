-- An institution's own codes after one, without those that were taken back.
SELECT institution, own_code, code
FROM mapping
WHERE institution = ?1 AND own_code > ?2 AND code <> ''
ORDER BY own_code
LIMIT ?3
