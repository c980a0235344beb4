-- What a database needs that is spread over several servers; on one server it costs next to nothing.

CREATE TABLE home (
    home smallint PRIMARY KEY
);
INSERT INTO home SELECT generate_series(-64, 1023);
COMMENT ON TABLE home IS 'Every home there can be, each on its shard: rows that are written join it, and so find their shard. Never changed.';
COMMENT ON COLUMN home.home IS '0 on one server; else the number of a lane, or -1 to -64, where lookups are claimed.';

CREATE TABLE lane (
    no smallint PRIMARY KEY
);
INSERT INTO lane SELECT DISTINCT lane FROM block;
COMMENT ON TABLE lane IS 'Lanes that were ever opened.';

CREATE TABLE area_lane (
    area integer PRIMARY KEY,
    lane smallint NOT NULL CHECK (lane BETWEEN 1 AND 1023)
);
COMMENT ON TABLE area_lane IS 'Which lane serves an area, where rows are spread by lanes: the same for ever, or messages are decided twice.';
COMMENT ON COLUMN area_lane.area IS 'Region code of the pooling area; 0: senders that are in none.';

-- 0 is nobody's version from now on: it stands for whoever is not there.
UPDATE guard SET version = version + 1;
ALTER TABLE guard ADD stamp bigint NOT NULL DEFAULT 0, ADD CHECK (version > 0);
COMMENT ON TABLE guard IS 'How often something was decided about a person, in each home that holds something about them: whoever decided on an older version decides again.';
COMMENT ON COLUMN guard.stamp IS 'Moment of the latest of these decisions, times 1024, plus its lane: whoever decides next is later.';

ALTER TABLE fence ADD stamp bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN fence.stamp IS 'As in guard.';
