-- Something is decided about these people, in the order of their numbers; whoever was changed since they were loaded
-- is a conflict. New people begin.
WITH changed AS (
    INSERT INTO guard AS g (home, person, version)
    SELECT $1::smallint, it.*
    FROM unnest($2::bigint[], $3::bigint[]) AS it
    ON CONFLICT (home, person) DO UPDATE
    SET version = g.version + 1
    WHERE g.version = excluded.version
    RETURNING 1
)
SELECT demand(count(*) = cardinality($2::bigint[]), 'somebody of the batch was changed meanwhile')
FROM changed
