-- What bindings have spent.
SELECT binding, year, month, in_month, in_year
FROM usage
WHERE binding IN rarray(?1)
