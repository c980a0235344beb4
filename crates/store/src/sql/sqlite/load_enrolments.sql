-- Enrolments of people.
SELECT no, person, scheme, area, category, account, contract, first_day, last_day, pauses
FROM enrolment
WHERE person IN rarray(?1)
