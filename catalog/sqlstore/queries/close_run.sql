UPDATE run SET ended = $2, state = $3, message = $4, absent = $5, removed = $6, end_cursor = $7, stopped = $8, last_seq = $9 WHERE id = $1
