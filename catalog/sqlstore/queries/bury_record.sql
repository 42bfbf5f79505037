-- $3: whether it was live; only then does the record move in the log
UPDATE record SET seq = $2, stamp = CASE WHEN $3 THEN $4 ELSE stamp END, visible = $5, held = FALSE, kept = FALSE, hash = '',
    raw_hash = '', facets = '', issued = '', last_changed = $6, missing_since = 0, last_run = $7, fields = 0, code = '', review = 0
WHERE num = $1
