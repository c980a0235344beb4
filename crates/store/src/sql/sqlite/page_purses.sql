-- Purses after one.
SELECT kind, a, b, year, prior, current
FROM purse
WHERE (kind, a, b) > (?1, ?2, ?3)
ORDER BY kind, a, b
LIMIT ?4
