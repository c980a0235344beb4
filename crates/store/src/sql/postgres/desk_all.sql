-- Everything on the desk after a drawer and key.
SELECT drawer, key, value, until
FROM desk
WHERE (drawer, key) > ($1::text, $2::text)
ORDER BY drawer, key
LIMIT $3::bigint
