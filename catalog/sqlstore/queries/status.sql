-- every source that ever ran, with its counts and its last good run: one that ended well and
-- was not undone, or that was held and approved
SELECT r.source, max(r.id), coalesce(max(t.live), 0), coalesce(max(t.held), 0), coalesce(max(t.deleted), 0),
    coalesce(max(CASE WHEN r.state IN ('ok', 'ok-with-rejects') AND r.decided <> 'roll-back' OR r.state = 'held' AND r.decided = 'approve' AND NOT r.stopped THEN r.ended END), 0)
FROM run r LEFT JOIN tally t ON t.source = r.source
GROUP BY r.source ORDER BY r.source
