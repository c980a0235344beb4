-- Bindings that were agreed to and nothing has ended, after one, by the giver's area, relation and number.
SELECT no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision, held, lines_shown, version, recorded
FROM binding
WHERE stage = 2 AND ended IS NULL AND (giver_area, relation, no) > (?1, ?2, ?3)
ORDER BY giver_area, relation, no
LIMIT ?4
