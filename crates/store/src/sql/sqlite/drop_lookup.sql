-- What a person is no longer found by.
DELETE FROM lookup
WHERE hash = ?1 AND person = ?2
