-- An entrusted purchase.
INSERT INTO proxy (no, patient, agent, reason, place, patient_paper, agent_paper, clerk, since, last_day, revoked, used)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (no) DO UPDATE SET revoked = excluded.revoked, used = excluded.used
