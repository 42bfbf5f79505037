-- like update_record, for a change that no listing brought: when it was listed stays
UPDATE record SET seq = $2, stamp = CASE WHEN $3 THEN $4 ELSE stamp END, visible = $5, held = $6, hash = $7, sets = $8, facets = $9,
    issued = $10, last_changed = CASE WHEN $3 THEN $11 ELSE last_changed END, fields = $12, code = $13, review = $14
WHERE num = $1
