-- Whose medical codes somebody may be able to show: members of family code links, and minors they act for.
SELECT member
FROM link
WHERE holder = ?1
UNION ALL
SELECT no
FROM person
WHERE guardian = ?1
