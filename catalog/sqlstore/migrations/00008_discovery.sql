-- When a change of the log became visible, for lists of addresses.

-- +goose Up
CREATE INDEX tick_seq ON tick (seq, stamp);

-- +goose Down
DROP INDEX tick_seq;
