-- every source that ever ran, with its counts and its last good run
SELECT r.source, max(r.id), coalesce(max(t.live), 0), coalesce(max(t.held), 0), coalesce(max(t.deleted), 0),
    coalesce(max(CASE WHEN r.state IN ('ok', 'ok-with-rejects') THEN r.ended END), 0)
FROM run r LEFT JOIN tally t ON t.source = r.source
GROUP BY r.source ORDER BY r.source
