-- Enrolments of people.
SELECT no, person, scheme, area, category, account, contract, first_day, last_day, pauses
FROM enrolment
WHERE home = $1::smallint AND person = ANY($2::bigint[])
