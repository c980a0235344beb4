-- National codes of own codes.
INSERT INTO mapping (institution, own_code, code)
SELECT it.*
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS it
ON CONFLICT (institution, own_code) DO UPDATE
SET code = excluded.code
