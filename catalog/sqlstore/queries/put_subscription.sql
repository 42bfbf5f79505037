INSERT INTO subscription (source, topic, hub, token, secret, state, asked, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (source, topic) DO UPDATE SET hub = excluded.hub, token = excluded.token, secret = excluded.secret, state = excluded.state,
    asked = excluded.asked, expires = excluded.expires
