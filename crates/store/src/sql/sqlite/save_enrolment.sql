-- An enrolment.
INSERT INTO enrolment (no, person, scheme, area, category, account, contract, first_day, last_day, pauses)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (person, no) DO UPDATE
SET scheme = excluded.scheme, area = excluded.area, category = excluded.category, account = excluded.account,
    contract = excluded.contract, first_day = excluded.first_day, last_day = excluded.last_day, pauses = excluded.pauses
