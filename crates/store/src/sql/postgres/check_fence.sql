-- Institutions, mappings and law are those of an epoch; anything else is a conflict.
SELECT demand(epoch = $1::bigint, 'institutions or law were changed meanwhile')
FROM fence
