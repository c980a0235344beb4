-- What became of messages.
SELECT k.sender_kind, k.sender, k.id, k.serial, k.arrived, k.did, k.settlement, r.digest
FROM unnest($2::smallint[], $3::bigint[], $4::text[]) AS wanted (sender_kind, sender, id)
CROSS JOIN LATERAL (
    SELECT * FROM request_key
    WHERE home = $1::smallint AND sender_kind = wanted.sender_kind AND sender = wanted.sender AND id = wanted.id
    OFFSET 0
) AS k
CROSS JOIN LATERAL (SELECT digest FROM record WHERE home = $1::smallint AND serial = k.serial OFFSET 0) AS r
