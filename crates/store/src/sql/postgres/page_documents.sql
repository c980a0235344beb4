-- Documents that a person showed at the counter or sent, latest first.
SELECT serial, at, person, clerk, act, about, binding, kind, seen, number, photographs
FROM document
WHERE home = $1::smallint AND person = $2::bigint
ORDER BY at DESC, serial DESC, seq DESC
LIMIT $3::bigint
