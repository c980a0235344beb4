-- People by what they are found by.
SELECT hash, person
FROM lookup
WHERE hash IN rarray(?1)
