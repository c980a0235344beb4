-- Takes something out of a drawer.
DELETE FROM desk
WHERE drawer = ?1 AND key = ?2
