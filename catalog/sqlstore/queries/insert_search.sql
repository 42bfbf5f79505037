INSERT INTO search (rowid, title, body, fac) VALUES ($1, $2, $3, $4)
