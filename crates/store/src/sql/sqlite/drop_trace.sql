-- A pack that is free again, as long as this settlement is what sold it.
DELETE FROM trace
WHERE code = ?1 AND settlement = ?2
