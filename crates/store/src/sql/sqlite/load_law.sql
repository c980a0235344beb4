-- The law book in force.
SELECT book
FROM law
WHERE serial = (SELECT max(serial) FROM law)
