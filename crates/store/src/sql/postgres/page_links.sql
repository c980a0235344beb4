-- Family codes that a person can show, and who can show the person's, by holder and member.
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE home = $1::smallint AND holder = $2::bigint
UNION ALL
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE home = $1::smallint AND member = $2::bigint AND holder <> $2::bigint
ORDER BY holder, member
