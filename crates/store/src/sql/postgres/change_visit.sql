-- Known visits; where, whose and what pays never change. Their numbers lie between the last two.
UPDATE visit AS v
SET begun = it.begun, med_type = it.med_type, cancelled = it.cancelled
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::boolean[]) AS it (no, begun, med_type, cancelled)
WHERE v.home = $1::smallint AND v.no = it.no AND v.no BETWEEN $6::bigint AND $7::bigint
