INSERT INTO tally (source, live, held, deleted, digest) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (source) DO UPDATE SET live = tally.live + excluded.live, held = tally.held + excluded.held, deleted = tally.deleted + excluded.deleted, digest = excluded.digest
