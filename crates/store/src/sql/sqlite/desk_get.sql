-- What is in a drawer under a key.
SELECT value
FROM desk
WHERE drawer = ?1 AND key = ?2 AND (until IS NULL OR until > ?3)
