INSERT INTO source_mode (source, mode, since, who, why, loss_percent) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (source) DO UPDATE SET mode = excluded.mode, since = excluded.since, who = excluded.who, why = excluded.why,
    loss_percent = excluded.loss_percent
