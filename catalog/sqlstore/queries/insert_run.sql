INSERT INTO run (id, source, owner, is_full, chain, started, ended, heartbeat, state, pages, cursor, end_cursor, live,
    listed, new, changed, same, rejected, skipped, deleted, held, absent, removed, message, lifted, first_seq)
VALUES ($1, $2, $3, $4, $5, $6, 0, $6, 'running', 0, $7, '', coalesce((SELECT live FROM tally WHERE source = $2), 0),
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', $8, $9)
