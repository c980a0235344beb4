-- Amendments of what these people are known by.
SELECT amendment
FROM amendment
WHERE person IN rarray(?1)
