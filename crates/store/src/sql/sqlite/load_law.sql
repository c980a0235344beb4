-- The law book in force: the one published last, whichever lane published it.
SELECT book
FROM law
WHERE at = (SELECT max(at) FROM law)
ORDER BY serial DESC
LIMIT 1
