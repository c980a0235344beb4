-- Holds a lane as long as the connection lasts, unless another connection does.
SELECT pg_try_advisory_lock($1::integer, $2::integer)
