-- A version of a binding.
INSERT INTO binding_history (no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision, held, lines_shown, version, recorded)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39)
