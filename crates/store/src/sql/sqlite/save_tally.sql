-- What a patient has used of deductible and ceiling.
INSERT INTO tally (person, year, scheme, month, deductible, in_scope, fund)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (person, year, scheme, month) DO UPDATE
SET deductible = excluded.deductible, in_scope = excluded.in_scope, fund = excluded.fund
