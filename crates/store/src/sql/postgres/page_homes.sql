-- The lanes that were ever opened.
SELECT no
FROM lane
ORDER BY no
