-- Takes out what expired before a moment, the longest expired first.
DELETE FROM desk
WHERE ctid = ANY (ARRAY (SELECT ctid FROM desk WHERE until < $1 ORDER BY until LIMIT $2))
