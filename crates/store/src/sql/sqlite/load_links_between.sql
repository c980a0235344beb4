-- Family codes of these people that others of them can show.
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE member IN rarray(?1) AND holder IN rarray(?1)
