-- Amendments that wait for a decision and were proposed after a moment, of areas up to one: those after this one, of each
-- area the oldest first.
SELECT amendment
FROM amendment
WHERE stage = 0 AND (area, proposed, no) > ($1::integer, $2::bigint, $3::bigint) AND area <= $4::integer
    AND proposed > $5::bigint
ORDER BY area, proposed, no
LIMIT $6::bigint
