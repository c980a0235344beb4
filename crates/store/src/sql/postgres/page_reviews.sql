-- Bindings in review since after a moment that nothing has ended, of givers of areas up to one: those after this one, of each area the oldest first.
SELECT no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision, held, lines_shown, version, recorded
FROM binding
WHERE stage = 1 AND ended IS NULL AND (giver_area, review_since, no) > ($1::integer, $2::bigint, $3::bigint) AND giver_area <= $4::integer
    AND review_since > $5::bigint
ORDER BY giver_area, review_since, no
LIMIT $6::bigint
