-- All versions of a binding.
SELECT no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision,
    held, lines_shown, version, recorded
FROM binding_history
WHERE home = $1::smallint AND no = $2::bigint
ORDER BY version
