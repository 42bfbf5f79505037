-- $3: whether the published view changes; only then does the record move in the log
UPDATE record SET seq = $2, stamp = CASE WHEN $3 THEN $4 ELSE stamp END, visible = $5, held = $6, kept = TRUE, hash = $7, raw_hash = $8,
    sets = $9, facets = $10, issued = $11, last_seen = $12, last_changed = $12, missing_since = 0, last_run = $13, fields = $14, code = $15, review = $16
WHERE num = $1
