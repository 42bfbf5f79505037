UPDATE run SET heartbeat = $2, pages = pages + 1, cursor = $3, listed = listed + $4, new = new + $5, changed = changed + $6,
    same = same + $7, rejected = rejected + $8, skipped = skipped + $9, deleted = deleted + $10, held = held + $11, drops = $13
WHERE id = $1 AND source = $12 AND ended = 0
