-- Messages that something was known of; one of which something else is known by now is a conflict: no serial is null.
UPDATE request_key AS k
SET serial = CASE WHEN k.serial = it.seen THEN it.serial END, arrived = it.arrived, did = it.did,
    settlement = it.settlement
FROM unnest($2::smallint[], $3::bigint[], $4::text[], $5::bigint[], $6::boolean[], $7::smallint[], $8::bigint[],
    $9::bigint[]) AS it (sender_kind, sender, id, serial, arrived, did, settlement, seen)
WHERE k.home = $1::smallint AND k.sender_kind = it.sender_kind AND k.sender = it.sender AND k.id = it.id
