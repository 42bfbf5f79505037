INSERT INTO work_ruling (a, b, verdict, who, why, made) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (a, b) DO UPDATE SET verdict = excluded.verdict, who = excluded.who, why = excluded.why, made = excluded.made
