-- What is in a drawer under these keys and has not expired.
SELECT key, value
FROM desk
WHERE drawer = $1::text AND key = ANY($2::text[]) AND (until IS NULL OR until > $3::bigint)
