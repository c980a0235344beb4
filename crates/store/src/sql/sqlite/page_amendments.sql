-- Amendments of what a person is known by.
SELECT amendment
FROM amendment
WHERE person = ?1
ORDER BY no
