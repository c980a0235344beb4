-- An account that an enrolment opens, unless it is there.
INSERT INTO purse (kind, a, b, year, prior, current)
VALUES (?1, ?2, ?3, ?4, 0, 0)
ON CONFLICT (kind, a, b) DO NOTHING
