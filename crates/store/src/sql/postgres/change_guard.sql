-- Something is decided about these people; whoever was changed since they were loaded is a conflict.
WITH changed AS (
    UPDATE guard AS g
    SET version = g.version + 1
    FROM unnest($2::bigint[], $3::bigint[]) AS it (person, version)
    WHERE g.home = $1::smallint AND g.person = it.person AND g.version = it.version
    RETURNING 1
)
SELECT demand(count(*) = cardinality($2::bigint[]), 'somebody of the batch was changed meanwhile')
FROM changed
