-- Throws away papers that no longer counted before a moment, the longest ended first.
DELETE FROM paper
WHERE ctid = ANY (ARRAY (SELECT ctid FROM paper WHERE until < $1 ORDER BY until LIMIT $2))
