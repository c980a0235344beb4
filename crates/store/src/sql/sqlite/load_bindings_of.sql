-- Bindings that these people are in, on either side.
SELECT no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision, held, lines_shown, version, recorded
FROM binding
WHERE no IN (
    SELECT no FROM binding WHERE giver IN rarray(?1)
    UNION SELECT no FROM binding WHERE beneficiary IN rarray(?1)
)
