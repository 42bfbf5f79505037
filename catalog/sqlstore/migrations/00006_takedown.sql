-- What was taken down for good, the proof of completeness for consumers, and the labels that
-- exports were written with.

-- +goose Up
CREATE TABLE takedown (
    num    BIGINT PRIMARY KEY,
    record TEXT NOT NULL,              -- record.id, or ''
    url    TEXT NOT NULL,              -- address as it was given, or ''
    key    TEXT NOT NULL,              -- its form for comparing
    reason TEXT NOT NULL,
    who    TEXT NOT NULL,
    made   BIGINT NOT NULL,            -- milliseconds
    ended  BIGINT NOT NULL             -- 0: it counts
);

-- XOR over the entries of the source, in hexadecimal; '' is filled in when the catalogue opens.
ALTER TABLE tally ADD COLUMN digest TEXT NOT NULL DEFAULT '';

CREATE TABLE label (
    concept TEXT PRIMARY KEY,          -- scheme/id
    label   TEXT NOT NULL
);

-- +goose Down
DROP TABLE label;
ALTER TABLE tally DROP COLUMN digest;
DROP TABLE takedown;
