-- Institutions; the name stays unless a new one comes along.
INSERT INTO institution (code, area, kind, level, designations, suspensions, capabilities, name)
SELECT it.*
FROM unnest($1::bigint[], $2::integer[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[],
    $8::text[]) AS it
ON CONFLICT (code) DO UPDATE
SET area = excluded.area, kind = excluded.kind, level = excluded.level, designations = excluded.designations,
    suspensions = excluded.suspensions, capabilities = excluded.capabilities,
    name = coalesce(excluded.name, institution.name)
