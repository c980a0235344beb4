-- The two people of each of these bindings.
SELECT giver, beneficiary
FROM binding
WHERE no IN rarray(?1)
