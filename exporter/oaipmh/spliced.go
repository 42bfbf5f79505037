package oaipmh

import (
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"strconv"
	"sync"
)

// sendSpliced writes an answer with written records in it: text up to each splice, then the
// records. Compressed ones go out as they were kept.
func (h *handler) sendSpliced(w http.ResponseWriter, r *http.Request, text []byte, splices []splice) {
	buf := h.buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= 8<<20 {
			h.buffers.Put(buf)
		}
	}()
	head := w.Header()
	packed := acceptsGzip(r.Header.Get("Accept-Encoding"))
	var err error
	if packed {
		*buf, err = h.spliceGzip((*buf)[:0], text, splices)
	} else {
		*buf, err = h.splicePlain((*buf)[:0], text, splices)
	}
	if err != nil {
		h.unavailable(w, r, err)
		return
	}
	setHeaders(head, "text/xml; charset=utf-8")
	head.Set("Vary", "Accept-Encoding")
	if packed {
		head.Set("Content-Encoding", "gzip")
	}
	head.Set("Content-Length", strconv.Itoa(len(*buf)))
	// A failed write means that the reader left: there is nobody to tell.
	_, _ = w.Write(*buf)
}

func (h *handler) splicePlain(dst, text []byte, splices []splice) (_ []byte, err error) {
	from := 0
	for _, s := range splices {
		dst = append(dst, text[from:s.at]...)
		from = s.at
		if dst, err = h.written.read(dst, s.ref, false); err != nil {
			return dst, err
		}
	}
	return append(dst, text[from:]...), nil
}

// gzipHeader is that of a stream without name and time (RFC 1952, section 2.3).
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// spliceGzip makes one gzip stream of text, stored as it is, and records that were
// compressed before. The checksum of the whole follows from those of the parts.
func (h *handler) spliceGzip(dst, text []byte, splices []splice) (_ []byte, err error) {
	dst = append(dst, gzipHeader...)
	var sum uint32
	size, from := 0, 0
	plain := func(part []byte, last bool) {
		dst = appendStored(dst, part, last)
		sum, size = combineCRC(sum, crc32.ChecksumIEEE(part), len(part)), size+len(part)
	}
	for _, s := range splices {
		plain(text[from:s.at], false)
		from = s.at
		if dst, err = h.written.read(dst, s.ref, true); err != nil {
			return dst, err
		}
		sum, size = combineCRC(sum, s.ref.crc, s.ref.raw), size+s.ref.raw
	}
	plain(text[from:], true)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(size)), nil
}

// appendStored appends stored blocks (RFC 1951, section 3.2.4), the last of the stream if so.
func appendStored(dst, part []byte, last bool) []byte {
	for first := true; first || len(part) > 0; first = false {
		n := min(len(part), 0xFFFF)
		final := byte(0)
		if last && n == len(part) {
			final = 1
		}
		dst = append(dst, final)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(n))
		dst = binary.LittleEndian.AppendUint16(dst, ^uint16(n))
		dst = append(dst, part[:n]...)
		part = part[n:]
	}
	return dst
}

// matrix is a linear map of 32 bits over GF(2).
type matrix [32]uint32

// zeros are the maps that carry a CRC-32 over 1, 2, 4, … zero bytes.
var zeros = sync.OnceValue(func() *[48]matrix {
	list := &[48]matrix{}
	bit := matrix{crc32.IEEE} // over one zero bit
	for i := 1; i < len(bit); i++ {
		bit[i] = 1 << (i - 1)
	}
	list[0] = bit.twice().twice().twice()
	for i := 1; i < len(list); i++ {
		list[i] = list[i-1].twice()
	}
	return list
})

// combineCRC returns the CRC-32 of two texts behind one another from those of each: the
// first is carried over as many zero bytes as the second is long.
func combineCRC(a, b uint32, lenB int) uint32 {
	over := zeros()
	for i := 0; lenB > 0; i, lenB = i+1, lenB>>1 {
		if lenB&1 != 0 {
			a = over[i].times(a)
		}
	}
	return a ^ b
}

func (m *matrix) times(v uint32) (sum uint32) {
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return sum
}

// twice is the map applied twice.
func (m matrix) twice() (sq matrix) {
	for i := range sq {
		sq[i] = m.times(m[i])
	}
	return sq
}
