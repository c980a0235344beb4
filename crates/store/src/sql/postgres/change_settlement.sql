-- Known settlements: nothing of them ever changes but what undid them. Their numbers lie between the last two.
UPDATE settlement AS s
SET undone_by = it.undone_by
FROM unnest($2::bigint[], $3::bigint[]) AS it (no, undone_by)
WHERE s.home = $1::smallint AND s.no = it.no AND s.no BETWEEN $4::bigint AND $5::bigint
