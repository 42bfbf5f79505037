package dump

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"ctiphub/exporter"
	"ctiphub/record"
)

// line is one entry of the index.
type line struct {
	id      record.ID
	seq     int64
	stamp   int64
	deleted bool
}

func (l line) append(dst []byte) []byte {
	state := "live"
	if l.deleted {
		state = "deleted"
	}
	return fmt.Appendf(dst, "%s,%d,%s,%s\r\n", l.id, l.seq, time.Unix(l.stamp, 0).UTC().Format(time.RFC3339), state)
}

const indexHead = "id,seq,stamp,state\r\n"

// Make writes a dump, checks a full one against the last, and releases or holds it. A delta
// without changes, or a first dump of nothing, is not made: its Name is then "".
func (d *Dumps) Make(ctx context.Context, kind Kind) (m Manifest, err error) {
	m = Manifest{Kind: kind, Schema: record.SchemaVersion, Made: d.Now().UTC().Truncate(time.Second), Sources: []Source{}}
	m.Name = string(kind) + "-" + m.Made.Format("20060102T150405Z")
	if kind == Delta {
		// Deltas follow one another, whatever full dumps are made and deleted in between.
		base, ok, err := d.last(Delta)
		if err == nil && !ok {
			base, ok, err = d.last(Full)
		}
		if err != nil {
			return m, err
		}
		if !ok {
			return m, fmt.Errorf("making a delta: %w: there has to be a full dump first", ErrNoDump)
		}
		m.After = base.Last
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return m, fmt.Errorf("making the folder of dumps: %w", err)
	}
	dir := filepath.Join(d.Dir, makingPrefix+m.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return m, fmt.Errorf("making %s: %w", m.Name, err)
	}
	defer func() {
		if err != nil || m.Name == "" {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	index, err := d.write(ctx, dir, &m)
	if err != nil {
		return m, fmt.Errorf("making %s: %w", m.Name, err)
	}
	if len(index) == 0 {
		_, some, err := d.last(Full)
		if kind == Delta || !some {
			m.Name = ""
			return m, err
		}
	}
	if kind == Full {
		if m.Held, err = d.check(m, index); err != nil {
			return m, fmt.Errorf("comparing %s with the last dump: %w", m.Name, err)
		}
	}
	if err := d.finish(dir, m); err != nil {
		return m, err
	}
	return m, d.reconsider(m, index)
}

// ErrMeanwhile is returned when a record was taken down while its dump was made.
var ErrMeanwhile = errors.New("a record was taken down while the dump was made; it has to be made again")

// reconsider takes a dump away again that holds what was taken down since it was begun.
func (d *Dumps) reconsider(m Manifest, index []line) error {
	list, err := d.takenSince(m.Made.Add(-time.Minute)) // clocks of two processes
	if err != nil {
		return err
	}
	for _, t := range list {
		i, found := slices.BinarySearchFunc(index, t.ID, func(l line, id record.ID) int { return cmp.Compare(l.id, id) })
		if !found || index[i].deleted {
			continue
		}
		for _, prefix := range []string{"", heldPrefix} {
			if err := os.RemoveAll(filepath.Join(d.Dir, prefix+m.Name)); err != nil {
				return fmt.Errorf("withdrawing %s: %w", m.Name, err)
			}
		}
		return ErrMeanwhile
	}
	return nil
}

// finish gives a complete dump its place.
func (d *Dumps) finish(dir string, m Manifest) error {
	if err := writeManifest(dir, m); err != nil {
		return err
	}
	name := m.Name
	if len(m.Held) > 0 {
		name = heldPrefix + name
	}
	if err := os.Rename(dir, filepath.Join(d.Dir, name)); err != nil {
		return fmt.Errorf("releasing %s: %w", m.Name, err)
	}
	return d.tidy()
}

func writeManifest(dir string, m Manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest of %s: %w", m.Name, err)
	}
	file := filepath.Join(dir, manifestFile)
	if err := os.WriteFile(file+".new", append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the manifest of %s: %w", m.Name, err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("writing the manifest of %s: %w", m.Name, err)
	}
	return nil
}

// write writes all files of a dump in one pass and returns its index by id. One entry is held
// at a time, beside the index, which takes some 60 bytes an entry.
func (d *Dumps) write(ctx context.Context, dir string, m *Manifest) (index []line, err error) {
	var files []*file
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.abandon())
		}
	}()
	for _, p := range d.Parts {
		f, err := create(dir, p.File+".zst", p.MediaType, p.Document())
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	sources := map[string]*counted{}
	for e, err := range d.Catalogue.View(ctx, m.After) {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		index = append(index, line{e.Record.ID, e.Seq, e.Stamp.Unix(), e.Deleted})
		m.count(sources, e)
		if e.Deleted {
			continue
		}
		for _, f := range files {
			if err := f.add(e.Record); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(index, func(a, b line) int { return cmp.Compare(a.id, b.id) })
	list, err := create(dir, indexFile, "text/csv; charset=utf-8; header=present", exporter.Document{Head: indexHead})
	if err != nil {
		return nil, err
	}
	files = append(files, list)
	for _, l := range index {
		if err := list.put(l.append(list.buf[:0])); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		facts, err := f.close()
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, facts)
	}
	for _, s := range sources {
		s.Digest = hex.EncodeToString(s.sum[:])
		m.Sources = append(m.Sources, s.Source)
	}
	slices.SortFunc(m.Sources, func(a, b Source) int { return strings.Compare(a.Source, b.Source) })
	return index, nil
}

// counted is a source while its entries are counted.
type counted struct {
	Source
	sum [32]byte
}

func (m *Manifest) count(sources map[string]*counted, e record.Entry) {
	name := e.Record.Origin.Source
	s := sources[name]
	if s == nil {
		s = &counted{Source: Source{Source: name}}
		sources[name] = s
	}
	s.sum = record.XOR(s.sum, record.EntryDigest(e.Record.ID, e.Seq, e.Deleted))
	if e.Deleted {
		s.Deleted++
		m.Deleted++
	} else {
		s.Live++
		m.Live++
	}
	m.Last = e.Seq
}

// file is one file of a dump while it is written.
type file struct {
	facts File
	doc   exporter.Document
	f     *os.File
	out   *bufio.Writer
	sum   hash.Hash
	zip   *zstd.Encoder
	buf   []byte
	done  bool
}

func create(dir, name, mediaType string, doc exporter.Document) (*file, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", name, err)
	}
	w := &file{facts: File{Name: name, MediaType: mediaType}, doc: doc, f: f, out: bufio.NewWriterSize(f, 1<<16), sum: sha256.New()}
	if w.zip, err = zstd.NewWriter(io.MultiWriter(w.out, w.sum), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20)); err != nil {
		return nil, errors.Join(fmt.Errorf("compressing %s: %w", name, err), f.Close())
	}
	return w, w.write([]byte(doc.Head))
}

func (w *file) write(b []byte) error {
	w.facts.Uncompressed += int64(len(b))
	if _, err := w.zip.Write(b); err != nil {
		return fmt.Errorf("writing %s: %w", w.facts.Name, err)
	}
	return nil
}

// add writes one record.
func (w *file) add(rec record.Record) (err error) {
	if w.buf, err = w.doc.Append(w.buf[:0], rec); err != nil {
		return fmt.Errorf("writing %s: %w", w.facts.Name, err)
	}
	return w.put(w.buf)
}

// put writes one line or element, which may lie in buf.
func (w *file) put(b []byte) error {
	w.buf = b
	w.facts.Records++
	return w.write(b)
}

// close brings a whole file to disk and says what is in it.
func (w *file) close() (File, error) {
	w.done = true
	err := w.write([]byte(w.doc.Tail))
	for _, step := range []func() error{w.zip.Close, w.out.Flush, w.f.Sync} {
		if err == nil {
			err = step()
		}
	}
	if err == nil {
		w.facts.Bytes, err = w.f.Seek(0, io.SeekEnd)
	}
	if err = errors.Join(err, w.f.Close()); err != nil {
		return w.facts, fmt.Errorf("writing %s: %w", w.facts.Name, err)
	}
	w.facts.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	return w.facts, nil
}

// abandon closes a file that did not become whole.
func (w *file) abandon() error {
	if w.done {
		return nil
	}
	w.done = true
	return errors.Join(w.zip.Close(), w.f.Close())
}
