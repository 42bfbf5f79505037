INSERT INTO content (num, doc, meta, body, detail, base) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (num) DO UPDATE SET doc = excluded.doc, meta = excluded.meta, body = excluded.body, detail = excluded.detail, base = excluded.base
