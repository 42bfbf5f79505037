INSERT INTO ledger (source, day, host, requests, bytes, not_modified, throttled, errors, blocked, robots_allowed, robots_refused,
    crawl_delay, slowest, waited, served, bound)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (source, day, host) DO UPDATE SET requests = ledger.requests + excluded.requests, bytes = ledger.bytes + excluded.bytes,
    not_modified = ledger.not_modified + excluded.not_modified, throttled = ledger.throttled + excluded.throttled,
    errors = ledger.errors + excluded.errors, blocked = ledger.blocked + excluded.blocked,
    robots_allowed = ledger.robots_allowed + excluded.robots_allowed, robots_refused = ledger.robots_refused + excluded.robots_refused,
    crawl_delay = excluded.crawl_delay, slowest = CASE WHEN excluded.slowest > ledger.slowest THEN excluded.slowest ELSE ledger.slowest END,
    waited = ledger.waited + excluded.waited, served = ledger.served + excluded.served,
    bound = CASE WHEN excluded.waited + excluded.served >= ledger.waited + ledger.served THEN excluded.bound ELSE ledger.bound END
