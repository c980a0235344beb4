-- Throws away papers that no longer counted before a moment, the longest ended first.
DELETE FROM paper
WHERE rowid IN (
    SELECT rowid
    FROM paper
    WHERE until < ?1
    ORDER BY until
    LIMIT ?2
)
