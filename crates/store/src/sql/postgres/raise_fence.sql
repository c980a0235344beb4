-- A new epoch of institutions, mappings and law.
UPDATE fence
SET epoch = epoch + 1
WHERE one
