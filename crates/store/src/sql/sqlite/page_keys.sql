-- Keys of the requests with these serials.
SELECT serial, sender_kind, sender, key_id
FROM record
WHERE serial IN rarray(?1)
