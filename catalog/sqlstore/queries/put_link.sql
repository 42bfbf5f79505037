UPDATE link SET status = $2, checked = $3, next = $4, failures = $5, since = $6, methods = $7, code = $8, moved = $9 WHERE url = $1
