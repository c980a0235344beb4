-- Tallies of people in years.
SELECT person, year, scheme, month, deductible, in_scope, fund
FROM tally
WHERE person IN rarray(?1) AND year IN rarray(?2)
