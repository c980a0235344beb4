-- A block of the chain, with all that its lane has made up to it; a number that is taken is a conflict.
INSERT INTO block (home, lane, number, previous, hash, last_serial, last_at, records, entries, persons, settlements)
SELECT h.home, it.lane, it.number, it.previous, it.hash, it.last_serial, it.last_at,
    coalesce(before.records, 0) + it.records, coalesce(before.entries, 0) + it.entries,
    coalesce(before.persons, 0) + it.persons, coalesce(before.settlements, 0) + it.settlements
FROM home AS h
CROSS JOIN unnest($2::smallint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::bigint[], $11::bigint[]) AS it (lane, number, previous, hash, last_serial, last_at, records,
    entries, persons, settlements)
LEFT JOIN block AS before ON before.home = h.home AND before.lane = it.lane AND before.number = it.number - 1
WHERE h.home = $1::smallint
