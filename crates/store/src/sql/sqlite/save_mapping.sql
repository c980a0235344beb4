-- The national code of an own code.
INSERT INTO mapping (institution, own_code, code)
VALUES (?1, ?2, ?3)
ON CONFLICT (institution, own_code) DO UPDATE
SET code = excluded.code
