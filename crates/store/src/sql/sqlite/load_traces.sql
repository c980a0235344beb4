-- Packs that were sold.
SELECT code, settlement
FROM trace
WHERE code IN rarray(?1)
