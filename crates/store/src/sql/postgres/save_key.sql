-- Messages that nothing was known of; one that is known by now is a conflict.
INSERT INTO request_key (home, sender_kind, sender, id, serial, arrived, did, settlement)
SELECT h.home, it.*
FROM home AS h, unnest($2::smallint[], $3::bigint[], $4::text[], $5::bigint[], $6::boolean[], $7::smallint[], $8::bigint[]) AS it
WHERE h.home = $1::smallint
