-- What curators and publishers say of single records, and what waits for them.

-- +goose Up
-- What screening decided: '' when it lets the record be shown. Records that were held before
-- this was kept have a code of their own.
ALTER TABLE record ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE record ADD COLUMN review INTEGER NOT NULL DEFAULT 0; -- proposals that wait for a curator
UPDATE record SET code = 'held-before' WHERE held;
CREATE INDEX record_review ON record (num) WHERE review > 0;
CREATE INDEX record_held ON record (num) WHERE held;

ALTER TABLE content ADD COLUMN detail TEXT NOT NULL DEFAULT '';    -- of what screening decided
-- The record as it was normalized, where overrides make doc something else.
ALTER TABLE content ADD COLUMN base TEXT NOT NULL DEFAULT '';

ALTER TABLE undo ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE undo ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE undo ADD COLUMN base TEXT NOT NULL DEFAULT '';

CREATE TABLE override (
    record  TEXT NOT NULL,             -- record.id; it may be gone and come back
    layer   TEXT NOT NULL,
    field   TEXT NOT NULL,
    item    TEXT NOT NULL,             -- of added and removed tags, the tag
    op      TEXT NOT NULL,
    value   TEXT NOT NULL,
    who     TEXT NOT NULL,
    why     TEXT NOT NULL,
    made    BIGINT NOT NULL,           -- milliseconds
    base    TEXT NOT NULL,             -- what the record said before
    retired BIGINT NOT NULL,           -- 0: it counts
    PRIMARY KEY (record, layer, field, item)
);
-- How often what is laid on records was changed: what was prepared before is prepared again.
INSERT INTO counter (name, value) VALUES ('layers', 0);
-- How often new rules were applied to stored raws: who harvests with older ones reads them again.
INSERT INTO counter (name, value) VALUES ('rules', 0);

-- +goose Down
DELETE FROM counter WHERE name IN ('layers', 'rules');
DROP TABLE override;
ALTER TABLE undo DROP COLUMN base;
ALTER TABLE undo DROP COLUMN detail;
ALTER TABLE undo DROP COLUMN code;
ALTER TABLE content DROP COLUMN base;
ALTER TABLE content DROP COLUMN detail;
DROP INDEX record_held;
DROP INDEX record_review;
ALTER TABLE record DROP COLUMN review;
ALTER TABLE record DROP COLUMN code;
