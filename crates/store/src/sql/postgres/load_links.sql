-- Family codes of these people that others can show.
SELECT member, holder, relation, since, until
FROM link
WHERE home = $1::smallint AND member = ANY($2::bigint[])
