-- Who takes records under a key, and which.

-- +goose Up
CREATE TABLE consumer (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    contact    TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE,   -- SHA-256 of the key
    per_minute BIGINT NOT NULL,
    made       BIGINT NOT NULL,        -- milliseconds
    disabled   BOOLEAN NOT NULL
);

-- Days are counted from 1970.
CREATE TABLE pull_day (
    consumer TEXT NOT NULL,
    day      BIGINT NOT NULL,
    form     TEXT NOT NULL,
    requests BIGINT NOT NULL,
    records  BIGINT NOT NULL,
    PRIMARY KEY (consumer, day, form)
);

-- Parts of the change log that were served; those that touch are one.
CREATE TABLE pull_range (
    consumer  TEXT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq  BIGINT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day  BIGINT NOT NULL,
    PRIMARY KEY (consumer, first_seq)
);
CREATE INDEX change_num ON change (num);

-- +goose Down
DROP INDEX change_num;
DROP TABLE pull_range;
DROP TABLE pull_day;
DROP TABLE consumer;
