-- Lays a paper on the shelf; where the same lies there, the later end counts.
INSERT INTO paper (person, digest, until, sealed)
VALUES ($1::bigint, $2::bytea, $3::bigint, $4::bytea)
ON CONFLICT (person, digest) DO UPDATE
SET until = greatest(paper.until, excluded.until)
