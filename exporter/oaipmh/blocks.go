package oaipmh

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"sync"

	"github.com/klauspost/compress/flate"

	"ctiphub/exporter"
	"ctiphub/record"
)

// This file keeps what lists of everything are made of: the records of one stretch of the
// change log, written out in one format, as they are and compressed. A harvest of the whole
// catalogue then copies bytes instead of reading, writing and compressing records.
//
// A stretch that lies before the end of the log only loses entries: one that changes moves
// to the end. So what was kept is still right as long as the number of its entries is.

// blockRef is where a written stretch lies in the file.
type blockRef struct {
	count    int   // entries
	next     int64 // first Seq beyond, as Repository.Block says,
	head     int64 // when this was the last number of the sequence
	offset   int64
	raw      int // bytes as they are; the compressed ones follow
	deflated int
	crc      uint32 // of the raw ones
}

// splice is a written stretch that goes into an answer at a place.
type splice struct {
	at  int
	ref blockRef
}

// blocks are the written stretches of all formats.
type blocks struct {
	mu      sync.Mutex
	file    *os.File
	end     int64
	known   map[string]map[int64]blockRef // by form, then by number of the stretch
	deflate sync.Pool
}

// mostBlockBytes is how large the file grows before it begins anew: what changed is written
// again at its end.
const mostBlockBytes = 64 << 30

// newBlocks makes the file, which nobody else sees and which goes with the process: labels
// and formats may be others after the next start. None is kept without a folder.
func newBlocks(dir string) (*blocks, error) {
	if dir == "" {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder of written records: %w", err)
	}
	f, err := os.CreateTemp(dir, "oai-*.blocks")
	if err != nil {
		return nil, fmt.Errorf("making the file of written records: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, fmt.Errorf("hiding the file of written records: %w", err)
	}
	b := &blocks{file: f, known: map[string]map[int64]blockRef{}}
	b.deflate.New = func() any {
		w, _ := flate.NewWriter(nil, flate.DefaultCompression) // the level is a valid one
		return w
	}
	return b, nil
}

// get returns a stretch that was written.
func (b *blocks) get(form string, number int64) (blockRef, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ref, ok := b.known[form][number]
	return ref, ok
}

// confirm keeps that a stretch is still right at a moment of the change log.
func (b *blocks) confirm(form string, number int64, ref blockRef) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[form][number].offset == ref.offset {
		b.known[form][number] = ref
	}
}

// put keeps a written stretch; ref says what is known of it.
func (b *blocks) put(form string, number int64, ref blockRef, raw []byte) (blockRef, error) {
	var packed bytes.Buffer
	w := b.deflate.Get().(*flate.Writer)
	defer b.deflate.Put(w)
	w.Reset(&packed)
	_, err := w.Write(raw)
	if err == nil {
		err = w.Flush() // ends at a byte, and not the stream: more may follow
	}
	if err != nil {
		return blockRef{}, fmt.Errorf("compressing records: %w", err)
	}
	ref.raw, ref.deflated, ref.crc = len(raw), packed.Len(), crc32.ChecksumIEEE(raw)
	b.mu.Lock()
	if b.end > mostBlockBytes {
		b.end, b.known = 0, map[string]map[int64]blockRef{}
	}
	ref.offset = b.end
	b.end += int64(ref.raw + ref.deflated)
	b.mu.Unlock()
	if _, err := b.file.WriteAt(raw, ref.offset); err != nil {
		return ref, fmt.Errorf("keeping written records: %w", err)
	}
	if _, err := b.file.WriteAt(packed.Bytes(), ref.offset+int64(ref.raw)); err != nil {
		return ref, fmt.Errorf("keeping written records: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[form] == nil {
		b.known[form] = map[int64]blockRef{}
	}
	b.known[form][number] = ref
	return ref, nil
}

// read appends a stretch to dst, as it is or compressed.
func (b *blocks) read(dst []byte, ref blockRef, packed bool) ([]byte, error) {
	n, at := ref.raw, ref.offset
	if packed {
		n, at = ref.deflated, ref.offset+int64(ref.raw)
	}
	from := len(dst)
	dst = append(dst, make([]byte, n)...)
	if _, err := b.file.ReadAt(dst[from:], at); err != nil {
		return dst[:from], fmt.Errorf("reading written records: %w", err)
	}
	return dst, nil
}

// stretch is a part of the change log that a page is made of.
type stretch struct {
	form   string
	number int64
	after  int64
	upto   int64
	whole  bool     // and not only its end
	ref    blockRef // what is known of it; no bytes unless it was written
	ready  bool     // ref has them
}

// blockList answers a page of a list of everything from written stretches, as many as make a
// page. ok is false where the end of the log is near: there the entries themselves are read.
func (h *handler) blockList(ctx context.Context, dst []byte, q *request, p position) (out []byte, ok bool, err error) {
	head, err := h.Repository.Head(ctx)
	if err != nil {
		return dst, false, fmt.Errorf("listing records: %w", err)
	}
	size := int64(h.PageSize)
	after, served := p.after, 0
	for served < h.PageSize*3/4 {
		s := stretch{form: q.verb + " " + p.prefix, number: after / size, after: after, upto: (after/size + 1) * size, whole: after%size == 0}
		if err := h.look(ctx, &s, head); err != nil {
			return dst, false, err
		}
		if s.ref.next == 0 || served > 0 && served+s.ref.count > h.PageSize {
			break
		}
		if s.ref.count > 0 {
			if served == 0 {
				dst = append(append(append(dst, '<'), q.verb...), ">\n"...)
			}
			if dst, err = h.appendStretch(ctx, dst, q, p, s); err != nil {
				return dst, false, err
			}
			served += s.ref.count
		}
		after = max(s.upto, (s.ref.next-1)/size*size) // over stretches that hold nothing any more
	}
	if served == 0 {
		return dst, false, nil
	}
	if q.verb == "ListRecords" {
		exporter.Served(ctx, p.prefix, p.after+1, after, served)
	}
	if p.total == 0 {
		if p.total, err = h.Repository.Count(ctx, p.selects(0)); err != nil {
			return dst, false, fmt.Errorf("counting records: %w", err)
		}
	}
	dst = h.appendToken(dst, p, served, after, true)
	return append(append(append(dst, "</"...), q.verb...), ">\n"...), true, nil
}

// look finds out what a stretch holds now. As long as nothing changed at all, what was found
// before is right.
func (h *handler) look(ctx context.Context, s *stretch, head int64) (err error) {
	known, ok := h.written.get(s.form, s.number)
	if ok && s.whole && known.head == head {
		s.ref, s.ready = known, true
		return nil
	}
	s.ref.head = head
	if s.ref.count, s.ref.next, err = h.Repository.Block(ctx, s.after, s.upto); err != nil {
		return fmt.Errorf("listing records: %w", err)
	}
	if ok && s.whole && known.count == s.ref.count {
		known.next, known.head = s.ref.next, head
		s.ref, s.ready = known, true
		h.written.confirm(s.form, s.number, known)
	}
	return nil
}

// appendStretch appends a stretch, from the file if it is there.
func (h *handler) appendStretch(ctx context.Context, dst []byte, q *request, p position, s stretch) ([]byte, error) {
	if s.ready {
		q.splices = append(q.splices, splice{len(dst), s.ref})
		return dst, nil
	}
	entries, err := h.Repository.Entries(ctx, record.Range{After: s.after, Upto: s.upto, Limit: h.PageSize})
	if err != nil {
		return dst, fmt.Errorf("listing records: %w", err)
	}
	at := len(dst)
	dst = h.appendEntries(dst, q, p, entries)
	if !s.whole || len(entries) != s.ref.count { // one left just now: the next reader writes it
		return dst, nil
	}
	ref, err := h.written.put(s.form, s.number, s.ref, dst[at:])
	if err != nil {
		h.Logger.Warn("a stretch of records was not kept", "error", err)
		return dst, nil
	}
	q.splices = append(q.splices, splice{at, ref})
	return dst[:at], nil
}
