-- The catalogue: one row a record, one sequence over all changes.
-- Times are milliseconds of Unix time in UTC, stamps whole seconds. One text for SQLite
-- and PostgreSQL. Keys that are INTEGER and not BIGINT are so because SQLite then keeps
-- the table in their order, without a second tree; 2^31 records and changes are enough.

-- +goose Up
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('seq', 0), ('stamp', 0), ('num', 0), ('run', 0), ('facets', 0);

-- Rows are short, so that runs over many of them read few pages: texts are in content.
CREATE TABLE record (
    num           INTEGER PRIMARY KEY, -- number for bitmaps and the search index
    id            TEXT NOT NULL UNIQUE,
    source        TEXT NOT NULL,
    identifier    TEXT NOT NULL,       -- the source's own
    seq           BIGINT NOT NULL,     -- of the last change of what is published
    stamp         BIGINT NOT NULL,
    visible       INTEGER NOT NULL,    -- 0 never published, 1 live, 2 tombstone
    held          BOOLEAN NOT NULL,    -- screening keeps it back
    kept          BOOLEAN NOT NULL,    -- there is a row in content
    hash          TEXT NOT NULL,       -- of the record and what screening decided
    raw_hash      TEXT NOT NULL,
    sets          TEXT NOT NULL,       -- set specs, divided by spaces
    facets        TEXT NOT NULL,       -- facet values as "facet:value", divided by spaces
    issued        TEXT NOT NULL,       -- EDTF, for sorting
    first_seen    BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL,
    last_changed  BIGINT NOT NULL,
    missing_since BIGINT NOT NULL,     -- 0: was in the last complete listing
    last_run      BIGINT NOT NULL,     -- run that last listed it
    born_run      BIGINT NOT NULL      -- run that first listed it
);
CREATE UNIQUE INDEX record_log ON record (seq, visible);
CREATE INDEX record_issued ON record (issued, seq, visible);
CREATE INDEX record_source ON record (source, last_run);

CREATE TABLE content (
    num  INTEGER PRIMARY KEY,          -- record.num
    doc  BYTEA NOT NULL,               -- the record as JSON
    meta TEXT NOT NULL,                -- the raw without its body, as JSON
    body BYTEA NOT NULL                -- the raw's body, zstd
);

CREATE TABLE change (
    seq  INTEGER PRIMARY KEY,
    num  INTEGER NOT NULL,             -- record.num
    run  BIGINT NOT NULL,
    kind TEXT NOT NULL                 -- new, changed, deleted
);

-- The last sequence number of each stamp: bounds of time become bounds of the sequence.
CREATE TABLE tick (
    stamp BIGINT PRIMARY KEY,
    seq   BIGINT NOT NULL
);

CREATE TABLE spec (
    num     INTEGER PRIMARY KEY,
    spec    TEXT NOT NULL UNIQUE,
    members BIGINT NOT NULL            -- rows of member
);

CREATE TABLE tally (
    source  TEXT PRIMARY KEY,
    live    BIGINT NOT NULL,
    held    BIGINT NOT NULL,
    deleted BIGINT NOT NULL            -- tombstones; one may be held as well
);

CREATE TABLE run (
    id         BIGINT PRIMARY KEY,
    source     TEXT NOT NULL,
    owner      TEXT NOT NULL,
    is_full    BOOLEAN NOT NULL,
    chain      BIGINT NOT NULL,        -- first of the runs that together make one listing
    started    BIGINT NOT NULL,
    ended      BIGINT NOT NULL,        -- 0: goes on
    heartbeat  BIGINT NOT NULL,
    state      TEXT NOT NULL,
    pages      BIGINT NOT NULL,
    cursor     TEXT NOT NULL,
    end_cursor TEXT NOT NULL,          -- where the next incremental run begins
    live       BIGINT NOT NULL,        -- records of the source that were live when it began
    listed     BIGINT NOT NULL,
    new        BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    same       BIGINT NOT NULL,
    rejected   BIGINT NOT NULL,
    skipped    BIGINT NOT NULL,
    deleted    BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    absent     BIGINT NOT NULL,
    removed    BIGINT NOT NULL,
    message    TEXT NOT NULL
);
CREATE INDEX run_source ON run (source, id);

CREATE TABLE reject (
    run        BIGINT NOT NULL,
    num        BIGINT NOT NULL,
    identifier TEXT NOT NULL,
    url        TEXT NOT NULL,
    code       TEXT NOT NULL,
    stage      TEXT NOT NULL,
    detail     TEXT NOT NULL,
    PRIMARY KEY (run, num)
);

CREATE TABLE validator (
    source        TEXT NOT NULL,
    url           TEXT NOT NULL,
    etag          TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    identifiers   TEXT NOT NULL,       -- JSON array
    PRIMARY KEY (source, url)
);

-- The facets as they were at counter 'facets', so that opening need not read every
-- record: what came later is in change.
CREATE TABLE facet (
    facet TEXT NOT NULL,               -- '' for the live records
    value TEXT NOT NULL,
    bits  BYTEA NOT NULL,              -- roaring bitmap of record.num
    PRIMARY KEY (facet, value)
);

-- +goose Down
DROP TABLE facet;
DROP TABLE validator;
DROP TABLE reject;
DROP TABLE run;
DROP TABLE tally;
DROP TABLE spec;
DROP TABLE tick;
DROP TABLE change;
DROP TABLE content;
DROP TABLE record;
DROP TABLE counter;
