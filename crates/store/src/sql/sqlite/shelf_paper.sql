-- A paper that still counts.
SELECT until, sealed
FROM paper
WHERE person = ?1 AND digest = ?2 AND until > ?3
