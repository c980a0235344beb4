-- Records of these serials.
SELECT it.*
FROM unnest($1::smallint[]) AS near (home)
CROSS JOIN LATERAL (
    SELECT serial, at, sender_kind, sender, key_id, digest, request, facts, decision, engine, law, answer, salt, lane,
    block
    FROM record
    WHERE home = near.home AND serial BETWEEN $2::bigint AND $3::bigint
    ORDER BY serial
    LIMIT $4::bigint
) AS it
ORDER BY it.serial
LIMIT $4::bigint
