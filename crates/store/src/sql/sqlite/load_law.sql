-- The law book in force: the one published last, whichever lane published it.
SELECT book
FROM law
ORDER BY at DESC, serial DESC
LIMIT 1
