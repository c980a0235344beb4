-- What a patient has used of deductible and ceiling.
INSERT INTO tally (person, year, scheme, care, month, deductible, in_scope, fund, stays)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (person, year, scheme, care, month) DO UPDATE
SET deductible = excluded.deductible, in_scope = excluded.in_scope, fund = excluded.fund,
    stays = excluded.stays
