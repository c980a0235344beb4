-- Tallies of people in years.
SELECT person, year, scheme, care, month, deductible, in_scope, fund, stays
FROM tally
WHERE person IN rarray(?1) AND year IN rarray(?2)
