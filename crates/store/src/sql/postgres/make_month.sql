-- Makes the parts of a month, where they are missing.
SELECT make_month($1::bigint)
