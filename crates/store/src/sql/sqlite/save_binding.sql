-- A binding as it is now; who bound whom, and how, never changes.
INSERT INTO binding (no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, started,
    commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, in_force_from, last_day, ended,
    end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision, version, recorded)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)
ON CONFLICT (no) DO UPDATE
SET giver_area = excluded.giver_area,
    beneficiary_area = excluded.beneficiary_area,
    commitment = excluded.commitment,
    commitment_digest = excluded.commitment_digest,
    proof = excluded.proof,
    stage = excluded.stage,
    awaits = excluded.awaits,
    awaits_until = excluded.awaits_until,
    then_review = excluded.then_review,
    in_force_from = excluded.in_force_from,
    last_day = excluded.last_day,
    ended = excluded.ended,
    end_why = excluded.end_why,
    end_side = excluded.end_side,
    end_decided = excluded.end_decided,
    per_bill = excluded.per_bill,
    per_month = excluded.per_month,
    per_year = excluded.per_year,
    rank = excluded.rank,
    quota = excluded.quota,
    needs_decision = excluded.needs_decision,
    version = excluded.version,
    recorded = excluded.recorded
