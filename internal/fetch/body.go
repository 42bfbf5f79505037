package fetch

import (
	"bufio"
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

// maxLayers bounds gzip within gzip: a compressed file that the server compressed again.
const maxLayers = 2

// readBody reads at most limit bytes of a body and undoes its compression, announced or
// not. More than limit bytes, as sent or decoded, are ErrTooLarge, unless the beginning
// is all that is wanted.
func readBody(r io.Reader, encoding string, limit int64, truncate bool) ([]byte, error) {
	body, err := readLimited(r, limit, truncate)
	if err != nil {
		return nil, err
	}
	codings := strings.Split(strings.ToLower(encoding), ",")
	for i := len(codings) - 1; i >= 0; i-- {
		switch coding := strings.TrimSpace(codings[i]); coding {
		case "", "identity", "gzip", "x-gzip", "none", "utf-8": // gzip is known by its first bytes, below
		case "deflate":
			if body, err = inflate(body, limit, truncate); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("the body is encoded as %q, which was not asked for: it %w", coding, errDecoding)
		}
	}
	for range maxLayers {
		if !isGzip(body) {
			break
		}
		if body, err = gunzip(body, limit, truncate); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// readLimited reads to the end or to the limit.
func readLimited(r io.Reader, limit int64, truncate bool) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	switch {
	case n > limit && truncate:
		b.Truncate(int(limit))
		return b.Bytes(), nil
	case n > limit:
		return nil, ErrTooLarge
	}
	return b.Bytes(), err
}

func isGzip(b []byte) bool { return len(b) > 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 }

// gunzip undoes gzip, of which a body may hold several streams one after the other. What
// follows the last one and is none, the padding of some servers, is left.
func gunzip(body []byte, limit int64, truncate bool) ([]byte, error) {
	rest := bytes.NewReader(body)
	z, err := gzip.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("undoing gzip: %w", err)
	}
	var out []byte
	for {
		z.Multistream(false)
		more, err := readLimited(z, limit-int64(len(out)), truncate)
		if out = append(out, more...); err != nil {
			return wrapDecoding("gzip", out, err)
		}
		if z.Reset(rest) != nil {
			break
		}
	}
	return out, nil
}

// inflate reads "deflate", which is zlib by the standard and raw deflate by habit.
func inflate(body []byte, limit int64, truncate bool) ([]byte, error) {
	if len(body) == 0 || isGzip(body) {
		return body, nil
	}
	if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		out, err := readLimited(z, limit, truncate)
		return wrapDecoding("deflate", out, err)
	}
	out, err := readLimited(flate.NewReader(bufio.NewReader(bytes.NewReader(body))), limit, truncate)
	return wrapDecoding("deflate", out, err)
}

func wrapDecoding(coding string, out []byte, err error) ([]byte, error) {
	if err != nil && !errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("undoing %s: %w", coding, err)
	}
	return out, err
}
