-- National codes of own codes: ?1 is a JSON array of [institution, own code].
SELECT m.institution, m.own_code, m.code
FROM json_each(?1) AS wanted
CROSS JOIN mapping AS m ON m.institution = wanted.value ->> 0 AND m.own_code = wanted.value ->> 1
