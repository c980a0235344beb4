-- Entrusted purchases.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (no)
CROSS JOIN LATERAL (
    SELECT no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used
    FROM proxy
    WHERE home = $1::smallint AND no = wanted.no
    OFFSET 0
) AS it
