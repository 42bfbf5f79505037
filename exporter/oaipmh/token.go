package oaipmh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// position is where a list stands: the query it answers, the last entry served, and
// what was told about its size. A resumption token is a position, signed.
type position struct {
	verb    string // "ListRecords" or "ListIdentifiers"
	prefix  string
	set     string
	from    time.Time
	until   time.Time
	after   int64 // Seq of the last entry served: a key, so that nothing shifts under it
	cursor  int   // entries served so far
	total   int   // entries of the whole list when it began
	expires time.Time
}

const (
	tokenVersion = 1
	macSize      = 16
	maxToken     = 4096
)

// errToken says nothing of why: a token is opaque to whoever holds it.
var errToken = errors.New("not a token of this repository, or too old")

// tokenText is strict, so that no two texts are the same token.
var tokenText = base64.RawURLEncoding.Strict()

// encode writes a position as a token.
func (p position) encode(key []byte) string {
	b := []byte{tokenVersion, p.verb[len("List")]} // 'R' or 'I'
	b = appendString(b, p.prefix)
	b = appendString(b, p.set)
	b = binary.AppendVarint(b, unix(p.from))
	b = binary.AppendVarint(b, unix(p.until))
	b = binary.AppendVarint(b, p.after)
	b = binary.AppendVarint(b, int64(p.cursor))
	b = binary.AppendVarint(b, int64(p.total))
	b = binary.AppendVarint(b, unix(p.expires))
	return tokenText.EncodeToString(append(b, sign(key, b)...))
}

// decode reads a token that this repository gave out and that has not expired.
func decode(token string, key []byte, now time.Time) (position, error) {
	if len(token) > maxToken {
		return position{}, errToken
	}
	b, err := tokenText.DecodeString(token)
	if err != nil || len(b) < 2+macSize {
		return position{}, errToken
	}
	b, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, sign(key, b)) || b[0] != tokenVersion {
		return position{}, errToken
	}
	p := position{verb: "ListRecords"}
	if b[1] == 'I' {
		p.verb = "ListIdentifiers"
	}
	r := reader{b: b[2:]}
	p.prefix, p.set = r.string(), r.string()
	p.from, p.until = moment(r.int()), moment(r.int())
	p.after, p.cursor, p.total = r.int(), int(r.int()), int(r.int())
	p.expires = moment(r.int())
	if r.broken || len(r.b) > 0 || now.After(p.expires) {
		return position{}, errToken
	}
	return p, nil
}

func sign(key, b []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("oai-pmh resumption token\x00")) // the key may serve other ends too
	h.Write(b)
	return h.Sum(nil)[:macSize]
}

// unix keeps the zero time apart from all others: as 0, which 1970 begins with, moved by one.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	if s := t.Unix(); s < 0 {
		return s
	}
	return t.Unix() + 1
}

func moment(n int64) time.Time {
	switch {
	case n == 0:
		return time.Time{}
	case n < 0:
		return time.Unix(n, 0).UTC()
	}
	return time.Unix(n-1, 0).UTC()
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes values off the front of a token.
type reader struct {
	b      []byte
	broken bool
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.broken, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(len(r.b)-n) {
		r.broken, r.b = true, nil
		return ""
	}
	s := string(r.b[n : n+int(v)])
	r.b = r.b[n+int(v):]
	return s
}
