-- What is in a drawer under these keys and has not expired.
SELECT it.key, it.value
FROM unnest($2::text[]) AS wanted (key)
CROSS JOIN LATERAL (
    SELECT * FROM desk
    WHERE drawer = $1::text AND key = wanted.key AND (until IS NULL OR until > $3::bigint)
    OFFSET 0
) AS it
