-- Entrusted purchases.
INSERT INTO proxy (home, no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used)
SELECT h.home, it.*
FROM home AS h, unnest(
    $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::bigint[], $7::smallint[], $8::smallint[],
    $9::bigint[], $10::bigint[], $11::integer[], $12::bigint[], $13::bigint[]
) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, no) DO UPDATE SET revoked = excluded.revoked, used = excluded.used
