-- Enrolments.
INSERT INTO enrolment (home, no, person, scheme, area, category, account, contract, first_day, last_day, pauses)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::smallint[], $5::integer[], $6::smallint[], $7::boolean[], $8::boolean[],
    $9::integer[], $10::integer[], $11::text[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, person, no) DO UPDATE
SET scheme = excluded.scheme, area = excluded.area, category = excluded.category, account = excluded.account,
    contract = excluded.contract, first_day = excluded.first_day, last_day = excluded.last_day,
    pauses = excluded.pauses
