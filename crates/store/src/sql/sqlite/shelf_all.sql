-- All papers after a person and digest.
SELECT person, digest, until
FROM paper
WHERE (person, digest) > (?1, ?2)
ORDER BY person, digest
LIMIT ?3
