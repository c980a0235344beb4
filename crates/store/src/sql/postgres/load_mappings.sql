-- National codes of own codes.
SELECT m.institution, m.own_code, m.code
FROM unnest($1::bigint[], $2::text[]) AS wanted (institution, own_code)
CROSS JOIN LATERAL (
    SELECT * FROM mapping
    WHERE institution = wanted.institution AND own_code = wanted.own_code
    OFFSET 0
) AS m
