-- Lays a paper on the shelf; where the same lies there, the later end counts.
INSERT INTO paper (person, digest, until, sealed)
VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (person, digest) DO UPDATE
SET until = max(until, excluded.until)
