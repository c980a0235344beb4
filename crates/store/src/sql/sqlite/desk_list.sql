-- All that is in a drawer.
SELECT key, value
FROM desk
WHERE drawer = ?1 AND (until IS NULL OR until > ?2)
ORDER BY key
