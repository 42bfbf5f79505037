DELETE FROM member WHERE spec = $1 AND seq = $2
