package fetch

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"
)

// acceptEncoding is what decode understands. It is sent by hand, so that bytes are
// counted as they come over the wire.
const acceptEncoding = "gzip, deflate"

// errDecoding is a body that cannot be what its header says.
var errDecoding = errors.New("cannot be decoded")

// errDamaged is compressed data with an error in it: sent anew, it may be whole.
var errDamaged = errors.New("damaged data")

const (
	// maxLayers bounds gzip within gzip: a compressed file that the server compressed again.
	maxLayers = 2
	// maxCodings bounds what Content-Encoding may list.
	maxCodings = 3
)

// quota is how much of a body is read.
type quota struct {
	limit int64 // bytes, as sent and decoded
	cut   bool  // the first ones are enough; else more than the limit is ErrTooLarge
	part  bool  // what is sent is the beginning of something: it may end anywhere
}

// readBody reads a body within its quota and undoes its compression, announced or not.
func readBody(r io.Reader, encoding string, q quota) ([]byte, error) {
	body, more, err := readLimited(r, q)
	if err != nil {
		return nil, err
	}
	q.part = q.part || more
	codings := strings.Split(strings.ToLower(encoding), ",")
	if len(codings) > maxCodings {
		return nil, fmt.Errorf("the body is encoded %d times over: it %w", len(codings), errDecoding)
	}
	for i := len(codings) - 1; i >= 0; i-- {
		switch coding := strings.TrimSpace(codings[i]); coding {
		case "", "identity", "gzip", "x-gzip", "none", "utf-8": // gzip is known by its first bytes, below
		case "deflate":
			if body, err = inflate(body, q); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("the body is encoded as %.40q, which was not asked for: it %w", coding, errDecoding)
		}
	}
	for range maxLayers {
		if !isGzip(body) {
			break
		}
		if body, err = gunzip(body, q); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// readLimited reads to the end or to the limit, and says whether there was more.
func readLimited(r io.Reader, q quota) (b []byte, more bool, err error) {
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(r, q.limit+1))
	switch {
	case n > q.limit && q.cut:
		buf.Truncate(int(q.limit))
		return buf.Bytes(), true, nil
	case n > q.limit:
		return nil, true, ErrTooLarge
	case q.part && errors.Is(err, io.ErrUnexpectedEOF):
		err = nil
	}
	return buf.Bytes(), false, err
}

func isGzip(b []byte) bool { return len(b) > 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 }

// gunzip undoes gzip, of which a body may hold several streams one after the other. What
// follows the last one and is none, the padding of some servers, is left.
func gunzip(body []byte, q quota) ([]byte, error) {
	rest := bytes.NewReader(body)
	z, err := gzip.NewReader(rest)
	if err != nil {
		if q.part {
			return body, nil
		}
		return nil, fmt.Errorf("undoing gzip: %w: %w", errDamaged, err)
	}
	var out []byte
	for left := q; ; left.limit = q.limit - int64(len(out)) {
		z.Multistream(false)
		piece, more, err := readLimited(z, left)
		if out = append(out, piece...); err != nil || more {
			return wrapDecoding("gzip", out, err)
		}
		if z.Reset(rest) != nil {
			return out, nil
		}
	}
}

// inflate reads "deflate", which is zlib by the standard and raw deflate by habit.
func inflate(body []byte, q quota) ([]byte, error) {
	if len(body) == 0 || isGzip(body) {
		return body, nil
	}
	var r io.Reader = flate.NewReader(bytes.NewReader(body))
	if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		r = z
	}
	out, _, err := readLimited(r, q)
	return wrapDecoding("deflate", out, err)
}

func wrapDecoding(coding string, out []byte, err error) ([]byte, error) {
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("undoing %s: %w: %w", coding, errDamaged, err)
	}
	return out, err
}
