-- A new epoch of institutions, mappings and law.
UPDATE fence
SET epoch = epoch + 1, stamp = $1::bigint
WHERE one
