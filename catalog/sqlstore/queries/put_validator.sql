INSERT INTO validator (source, url, etag, last_modified, identifiers) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source, url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified, identifiers = excluded.identifiers
