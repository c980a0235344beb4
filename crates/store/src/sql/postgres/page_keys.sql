-- Keys of the requests with these serials; the last two say between which they lie, so that other months are left out.
SELECT it.*
FROM unnest($2::bigint[]) AS wanted (number)
CROSS JOIN LATERAL (
    SELECT serial, sender_kind, sender, key_id
    FROM record
    WHERE home = $1::smallint AND serial = wanted.number AND serial BETWEEN $3::bigint AND $4::bigint
    OFFSET 0
) AS it
