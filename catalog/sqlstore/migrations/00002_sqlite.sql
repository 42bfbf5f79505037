-- What SQLite wants written in its own way.

-- +goose Up
-- WITHOUT ROWID: the key is all there is, and one tree instead of two halves the cost of
-- the dozen rows that each change of a record writes here. PostgreSQL leaves the words out.
CREATE TABLE member (
    spec INTEGER NOT NULL,             -- spec.num; a record is in its specs and all above them
    seq  BIGINT NOT NULL,              -- record.seq
    PRIMARY KEY (spec, seq)
) WITHOUT ROWID;

-- PostgreSQL keeps the same tokens in a tsvector. The text is tokenized in Go, so the
-- tokenizer has nothing to do but to divide at spaces; bytes above 127 are part of a
-- token. Contentless: the texts stay in content.doc.
CREATE VIRTUAL TABLE search USING fts5(title, body, fac, content='', contentless_delete=1, tokenize="ascii tokenchars '_:'");
-- Each batch leaves a segment, and merging them four at a time took a tenth of the time to store
-- a batch. A big run merges all of them at its end.
INSERT INTO search (search, rank) VALUES ('automerge', 15);

-- +goose Down
DROP TABLE search;
DROP TABLE member;
