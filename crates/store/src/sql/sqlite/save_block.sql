-- A block of the chain, with all that its lane has made up to it; a number that is taken is a conflict.
INSERT INTO block (lane, number, previous, hash, last_serial, last_at, records, entries, persons, settlements)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, coalesce(before.records, 0) + ?7, coalesce(before.entries, 0) + ?8,
    coalesce(before.persons, 0) + ?9, coalesce(before.settlements, 0) + ?10
FROM (SELECT 1)
LEFT JOIN block AS before ON before.lane = ?1 AND before.number = ?2 - 1
