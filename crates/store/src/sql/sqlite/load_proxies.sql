-- Entrusted purchases.
SELECT no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used
FROM proxy
WHERE no IN rarray(?1)
