-- An institution; the name stays unless a new one comes along.
INSERT INTO institution (code, area, kind, level, designations, suspensions, capabilities, name)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (code) DO UPDATE
SET area = excluded.area, kind = excluded.kind, level = excluded.level, designations = excluded.designations,
    suspensions = excluded.suspensions, capabilities = excluded.capabilities,
    name = coalesce(excluded.name, name)
