-- Institutions of an area after one, of a kind and with a text in their names.
SELECT code, area, kind, level, designations, suspensions, capabilities, name
FROM institution
WHERE area = $1::integer AND code > $2::bigint AND ($3::smallint IS NULL OR kind = $3::smallint)
    AND strpos(coalesce(name, ''), $4::text) > 0
ORDER BY code
LIMIT $5::bigint
