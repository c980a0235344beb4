-- Accounts of people, and quotas of bindings.
SELECT kind, a, b, year, prior, current
FROM purse
WHERE kind = 0 AND a IN rarray(?1)
UNION ALL
SELECT kind, a, b, year, prior, current
FROM purse
WHERE kind = 1 AND a IN rarray(?2)
