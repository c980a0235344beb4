-- Versions of bindings.
INSERT INTO binding_history (home, no, giver, beneficiary, relation, giver_area, beneficiary_area, mode, started_by, channel, clerk, clerk_bearer,
    started, commitment, commitment_digest, proof, stage, awaits, awaits_until, then_review, review_since, reviewed_by,
    reviewed, review_why, in_force_from, last_day, ended, end_why, end_side, end_decided, per_bill, per_month, per_year, rank, quota, needs_decision,
    held, lines_shown, version, recorded)
SELECT h.home, it.*
FROM home AS h, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[], $6::integer[], $7::integer[],
    $8::smallint[], $9::smallint[], $10::smallint[], $11::bigint[], $12::bigint[], $13::bigint[],
    $14::text[], $15::bytea[], $16::smallint[], $17::smallint[], $18::smallint[], $19::integer[],
    $20::boolean[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bytea[], $25::bigint[],
    $26::integer[], $27::bigint[], $28::smallint[], $29::smallint[], $30::bigint[], $31::bigint[],
    $32::bigint[], $33::bigint[], $34::integer[], $35::bigint[], $36::boolean[], $37::bigint[],
    $38::bigint[], $39::bigint[], $40::bigint[]) AS it
WHERE h.home = $1::smallint
