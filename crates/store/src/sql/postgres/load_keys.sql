-- What became of messages.
SELECT k.sender_kind, k.sender, k.id, k.serial, k.arrived, k.did, k.settlement, r.digest
FROM unnest($2::smallint[], $3::bigint[], $4::text[]) AS wanted (sender_kind, sender, id)
JOIN request_key AS k
    ON k.home = $1::smallint AND k.sender_kind = wanted.sender_kind AND k.sender = wanted.sender AND k.id = wanted.id
JOIN record AS r ON r.home = $1::smallint AND r.serial = k.serial
