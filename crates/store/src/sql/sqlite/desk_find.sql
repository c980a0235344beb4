-- What is in a drawer under these keys and has not expired: ?2 is an array of keys.
SELECT key, value
FROM desk
WHERE drawer = ?1 AND key IN rarray(?2) AND (until IS NULL OR until > ?3)
