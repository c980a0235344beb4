-- Takes something out of a drawer.
DELETE FROM desk
WHERE drawer = $1::text AND key = $2::text
