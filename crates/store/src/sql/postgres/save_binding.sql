-- Bindings as they are now; who bound whom, and how, never changes.
INSERT INTO binding (home, no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, started,
    commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, in_force_from, last_day,
    ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision,
    held, lines_shown, version, recorded)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::integer[], $7::integer[], $8::smallint[],
    $9::smallint[], $10::smallint[], $11::bigint[], $12::bigint[], $13::text[], $14::bytea[],
    $15::smallint[], $16::smallint[], $17::smallint[], $18::integer[], $19::boolean[], $20::bigint[],
    $21::integer[], $22::bigint[], $23::smallint[], $24::smallint[], $25::bigint[], $26::bigint[],
    $27::bigint[], $28::bigint[], $29::integer[], $30::bigint[], $31::boolean[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[]) AS it
WHERE h.home = $1::smallint
ON CONFLICT (home, no) DO UPDATE
SET giver_area = excluded.giver_area, beneficiary_area = excluded.beneficiary_area,
    commitment = excluded.commitment, commitment_digest = excluded.commitment_digest, proof = excluded.proof,
    stage = excluded.stage, awaits = excluded.awaits, awaits_until = excluded.awaits_until,
    then_review = excluded.then_review, in_force_from = excluded.in_force_from, last_day = excluded.last_day,
    ended = excluded.ended, end_why = excluded.end_why, end_side = excluded.end_side,
    end_decided = excluded.end_decided, per_bill = excluded.per_bill, per_month = excluded.per_month,
    per_year = excluded.per_year, rank = excluded.rank, quota = excluded.quota,
    needs_decision = excluded.needs_decision, held = excluded.held, lines_shown = excluded.lines_shown,
    version = excluded.version, recorded = excluded.recorded
