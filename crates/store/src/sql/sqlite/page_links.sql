-- Family codes that a person can show, and who can show the person's, by holder and member.
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE holder = ?1
UNION ALL
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE member = ?1 AND holder <> ?1
ORDER BY holder, member
