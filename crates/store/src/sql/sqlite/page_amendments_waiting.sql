-- Amendments that wait for a decision and were proposed after a moment, of areas up to one: those after this one, of each
-- area the oldest first.
SELECT amendment
FROM amendment
WHERE stage = 0 AND (area, proposed, no) > (?1, ?2, ?3) AND area <= ?4 AND proposed > ?5
ORDER BY area, proposed, no
LIMIT ?6
