-- Which records are editions of one work.

-- +goose Up
-- What is compared of each live record, and the keys under which it meets others.
CREATE TABLE card (
    num  INTEGER PRIMARY KEY,          -- record.num
    card TEXT NOT NULL                 -- JSON
);
CREATE TABLE card_key (
    key BIGINT NOT NULL,
    num INTEGER NOT NULL,
    PRIMARY KEY (key, num)
);
CREATE INDEX card_key_num ON card_key (num);

CREATE TABLE edition (
    num  INTEGER PRIMARY KEY,          -- record.num
    work TEXT NOT NULL
);
CREATE INDEX edition_work ON edition (work);

CREATE TABLE edition_link (
    a          INTEGER NOT NULL,       -- record.num, the smaller
    b          INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    evidence   TEXT NOT NULL,          -- JSON array
    PRIMARY KEY (a, b)
);
CREATE INDEX edition_link_b ON edition_link (b);

-- What curators decided about two records; it stays for ever.
CREATE TABLE work_ruling (
    a       TEXT NOT NULL,             -- record.id, the smaller
    b       TEXT NOT NULL,
    verdict TEXT NOT NULL,
    who     TEXT NOT NULL,
    why     TEXT NOT NULL,
    made    BIGINT NOT NULL,           -- milliseconds
    PRIMARY KEY (a, b)
);
-- The change up to which cards are known, and up to which works were looked for.
INSERT INTO counter (name, value) VALUES ('cards', 0), ('works', 0);

-- +goose Down
DELETE FROM counter WHERE name IN ('cards', 'works');
DROP TABLE work_ruling;
DROP TABLE edition_link;
DROP TABLE edition;
DROP TABLE card_key;
DROP TABLE card;
