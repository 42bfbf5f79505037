-- keeps a record as it is before the chain of runs $2 changes it for the first time
INSERT INTO undo (source, chain, num, held, kept, hash, raw_hash, fields, doc, meta, body, code, detail, base)
SELECT $1, $2, r.num, r.held, r.kept, r.hash, r.raw_hash, r.fields, coalesce(c.doc, ''), coalesce(c.meta, ''), coalesce(c.body, ''), r.code, coalesce(c.detail, ''), coalesce(c.base, '')
FROM record r LEFT JOIN content c ON c.num = r.num WHERE r.num = $3
ON CONFLICT (source, chain, num) DO NOTHING
