-- Stays of patients at institutions.
INSERT INTO stay (home, patient, institution, visit)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, patient, institution, visit) DO NOTHING
