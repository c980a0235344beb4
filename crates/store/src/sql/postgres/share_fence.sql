-- Institutions, mappings and law stay as they are until this transaction ends.
SELECT pg_advisory_xact_lock_shared($1::integer, 0)
