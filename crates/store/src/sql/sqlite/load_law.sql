-- The law book in force.
SELECT book
FROM law
ORDER BY serial DESC
LIMIT 1
