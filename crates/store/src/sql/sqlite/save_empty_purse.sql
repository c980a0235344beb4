-- An account that an enrolment opens, unless it is there.
INSERT INTO purse (kind, a, b, year, prior, current)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (kind, a, b) DO NOTHING
