-- All that is in a drawer.
SELECT key, value
FROM desk
WHERE drawer = $1::text AND (until IS NULL OR until > $2::bigint)
ORDER BY key
