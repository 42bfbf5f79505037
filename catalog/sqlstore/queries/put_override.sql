INSERT INTO override (record, layer, field, item, op, value, who, why, made, base, retired)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
ON CONFLICT (record, layer, field, item) DO UPDATE SET op = excluded.op, value = excluded.value, who = excluded.who, why = excluded.why,
    made = excluded.made, base = excluded.base, retired = 0
