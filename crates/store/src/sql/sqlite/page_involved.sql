-- What concerned a person in one of these roles before a moment and number, latest first.
SELECT at, number
FROM involved
WHERE person = ?1 AND (at, number) < (?2, ?3) AND role & ?4
ORDER BY at DESC, number DESC
LIMIT ?5
