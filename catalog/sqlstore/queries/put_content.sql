INSERT INTO content (num, doc, meta, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (num) DO UPDATE SET doc = excluded.doc, meta = excluded.meta, body = excluded.body
