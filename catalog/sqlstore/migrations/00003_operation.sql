-- What those who run the hub need: what a run noted and changed, what is done with a
-- source, what was asked of publishers' servers, whether links still answer.

-- +goose Up
-- Bits of the guarded fields that the record has. Rows of before know none, and are
-- guarded once they have been stored again.
ALTER TABLE record ADD COLUMN fields BIGINT NOT NULL DEFAULT 0;

ALTER TABLE run ADD COLUMN decided TEXT NOT NULL DEFAULT '';      -- a curator's ruling
ALTER TABLE run ADD COLUMN stopped BOOLEAN NOT NULL DEFAULT FALSE; -- held before its end, because fields vanished
ALTER TABLE run ADD COLUMN lifted BOOLEAN NOT NULL DEFAULT FALSE;  -- a curator lets them vanish
ALTER TABLE run ADD COLUMN drops TEXT NOT NULL DEFAULT '';         -- per field: had and lost it, as JSON
ALTER TABLE run ADD COLUMN first_seq BIGINT NOT NULL DEFAULT 0;    -- its changes have greater numbers
ALTER TABLE run ADD COLUMN last_seq BIGINT NOT NULL DEFAULT 0;     -- and none above this, once it ended

CREATE TABLE run_note (
    run    BIGINT NOT NULL,
    code   TEXT NOT NULL,
    num    BIGINT NOT NULL,
    field  TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (run, code)
);

CREATE TABLE run_choice (
    run   BIGINT NOT NULL,
    field TEXT NOT NULL,
    rule  TEXT NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (run, field, rule)
);

-- Records as they were before the last listing of their source changed them.
CREATE TABLE undo (
    source   TEXT NOT NULL,
    chain    BIGINT NOT NULL,        -- run.chain
    num      BIGINT NOT NULL,        -- record.num
    held     BOOLEAN NOT NULL,
    kept     BOOLEAN NOT NULL,
    hash     TEXT NOT NULL,
    raw_hash TEXT NOT NULL,
    fields   BIGINT NOT NULL,
    doc      BYTEA NOT NULL,
    meta     TEXT NOT NULL,
    body     BYTEA NOT NULL,
    PRIMARY KEY (source, chain, num)
);

CREATE TABLE source_mode (
    source       TEXT PRIMARY KEY,
    mode         TEXT NOT NULL,
    since        BIGINT NOT NULL,
    who          TEXT NOT NULL,
    why          TEXT NOT NULL,
    loss_percent BIGINT NOT NULL
);

-- Times are milliseconds.
CREATE TABLE ledger (
    source         TEXT NOT NULL,
    day            BIGINT NOT NULL,
    host           TEXT NOT NULL,
    requests       BIGINT NOT NULL,
    bytes          BIGINT NOT NULL,
    not_modified   BIGINT NOT NULL,
    throttled      BIGINT NOT NULL,
    errors         BIGINT NOT NULL,
    blocked        BIGINT NOT NULL,
    robots_allowed BIGINT NOT NULL,
    robots_refused BIGINT NOT NULL,
    crawl_delay    BIGINT NOT NULL,
    slowest        BIGINT NOT NULL,
    waited         BIGINT NOT NULL,
    served         BIGINT NOT NULL,
    bound          TEXT NOT NULL,      -- what took the most time
    PRIMARY KEY (source, day, host)
);

CREATE TABLE link (
    url      TEXT PRIMARY KEY,
    source   TEXT NOT NULL,
    status   TEXT NOT NULL,
    checked  BIGINT NOT NULL,
    next     BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    since    BIGINT NOT NULL,
    methods  TEXT NOT NULL,
    code     BIGINT NOT NULL,
    moved    TEXT NOT NULL
);
CREATE INDEX link_next ON link (next);

CREATE TABLE record_link (
    num BIGINT NOT NULL,               -- record.num
    url TEXT NOT NULL,
    PRIMARY KEY (num, url)
);
CREATE INDEX record_link_url ON record_link (url);
INSERT INTO counter (name, value) VALUES ('links', 0); -- change up to which links are known

CREATE TABLE subscription (
    source  TEXT NOT NULL,
    topic   TEXT NOT NULL,
    hub     TEXT NOT NULL,
    token   TEXT NOT NULL,
    secret  TEXT NOT NULL,
    state   TEXT NOT NULL,
    asked   BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (source, topic)
);

-- +goose Down
DROP TABLE subscription;
DELETE FROM counter WHERE name = 'links';
DROP TABLE record_link;
DROP TABLE link;
DROP TABLE ledger;
DROP TABLE source_mode;
DROP TABLE undo;
DROP TABLE run_choice;
DROP TABLE run_note;
ALTER TABLE run DROP COLUMN last_seq;
ALTER TABLE run DROP COLUMN first_seq;
ALTER TABLE run DROP COLUMN drops;
ALTER TABLE run DROP COLUMN lifted;
ALTER TABLE run DROP COLUMN stopped;
ALTER TABLE run DROP COLUMN decided;
ALTER TABLE record DROP COLUMN fields;
