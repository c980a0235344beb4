-- What is in a drawer under a key.
SELECT value
FROM desk
WHERE drawer = $1::text AND key = $2::text AND (until IS NULL OR until > $3::bigint)
