-- Persons by number.
SELECT no, born, sex, died, guardian, identity
FROM person
WHERE no IN rarray(?1)
