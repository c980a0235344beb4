-- National codes of own codes.
SELECT m.institution, m.own_code, m.code
FROM unnest($1::bigint[], $2::text[]) AS wanted (institution, own_code)
JOIN mapping AS m ON m.institution = wanted.institution AND m.own_code = wanted.own_code
