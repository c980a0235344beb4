-- Family codes of others that these people can show.
SELECT member, holder, relation, since, confirm_by, until
FROM link
WHERE holder IN rarray(?1)
