-- Nobody else commits until this transaction ends: it changes institutions, mappings or law.
SELECT pg_advisory_xact_lock($1::integer, 0)
