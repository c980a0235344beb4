-- Everything on the desk after a drawer and key.
SELECT drawer, key, value, until
FROM desk
WHERE (drawer, key) > (?1, ?2)
ORDER BY drawer, key
LIMIT ?3
