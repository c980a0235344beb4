-- Purchases entrusted by a person or to a person, latest first.
SELECT no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used
FROM (
    (SELECT * FROM proxy WHERE home = $1::smallint AND patient = $2::bigint
     ORDER BY since DESC, no DESC LIMIT $3::bigint)
    UNION ALL
    (SELECT * FROM proxy WHERE home = $1::smallint AND agent = $2::bigint
     ORDER BY since DESC, no DESC LIMIT $3::bigint)
) AS either
ORDER BY since DESC, no DESC
LIMIT $3::bigint
