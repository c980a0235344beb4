-- Purchases entrusted by a person or to a person, latest first.
SELECT no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used
FROM (
    SELECT * FROM (SELECT * FROM proxy WHERE patient = ?1 ORDER BY since DESC, no DESC LIMIT ?2)
    UNION ALL
    SELECT * FROM (SELECT * FROM proxy WHERE agent = ?1 ORDER BY since DESC, no DESC LIMIT ?2)
)
ORDER BY since DESC, no DESC
LIMIT ?2
