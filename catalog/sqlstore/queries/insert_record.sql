INSERT INTO record (num, id, source, identifier, seq, stamp, visible, held, kept, hash, raw_hash, sets, facets, issued,
    first_seen, last_seen, last_changed, missing_since, last_run, born_run, fields, code, review)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, TRUE, $9, $10, $11, $12, $13, $14, $14, $14, 0, $15, $15, $16, $17, $18)
