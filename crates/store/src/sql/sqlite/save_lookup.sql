-- What a person is found by; one that is taken is a conflict.
INSERT INTO lookup (hash, person)
VALUES (?1, ?2)
