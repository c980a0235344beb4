-- People found by lookups between two, in order.
SELECT person
FROM lookup
WHERE hash BETWEEN ?1 AND ?2
ORDER BY hash
LIMIT ?3
