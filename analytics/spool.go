package analytics

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Spool keeps events on disk until the store has them. Events wait in memory until the next
// Sync, at most a second; a file ("segment") grows until it is sealed, and is one batch of the
// store. It holds no more than Event does.
//
// Names of files: <number>-<batch id>.open while it grows, .seg when it is sealed, .sent when
// the store has it; a sent one is kept for a while, as not every store writes through.
type Spool struct {
	dir   string
	limit int64
	now   func() time.Time

	bytes atomic.Int64 // of open and sealed ones

	memory  sync.Mutex // held for moments: whoever counts a use must not wait for a disk
	buffer  []Event
	drops   map[Day]int64
	changed bool // drops are not written yet

	files  sync.Mutex
	open   map[Day]*openSegment // by month
	sealed []Segment            // in order of number
	sent   []sentSegment
	number uint64
}

// Segment is one sealed file.
type Segment struct {
	Number, Batch uint64
	Bytes         int64
	Since         time.Time
	// Tried says that the store may have it already: ask before sending.
	Tried bool
}

type openSegment struct {
	Segment
	file *os.File
	rows int
}

type sentSegment struct {
	Segment
	at time.Time
}

// Bounds of the spool.
const (
	mostBuffered = 100_000          // events in memory
	mostRows     = 20_000           // of a segment
	sealAfter    = 15 * time.Second // at the latest
	keepSent     = 15 * time.Minute
)

// OpenSpool opens a folder, which it makes when it is not there, and takes over what an
// earlier process left. limit is in bytes.
func OpenSpool(dir string, limit int64, now func() time.Time) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the usage spool: %w", err)
	}
	s := &Spool{dir: dir, limit: limit, now: now, open: map[Day]*openSegment{}, drops: map[Day]int64{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the usage spool: %w", err)
	}
	for _, e := range entries {
		if err := s.adopt(e.Name()); err != nil {
			return nil, fmt.Errorf("taking over %s of the usage spool: %w", e.Name(), err)
		}
	}
	slices.SortFunc(s.sealed, func(a, b Segment) int { return int(int64(a.Number) - int64(b.Number)) })
	return s, s.readDrops()
}

// adopt takes over one file of an earlier process: whether the store has it is not known.
func (s *Spool) adopt(name string) error {
	stem, ext, _ := strings.Cut(name, ".")
	number, batch, ok := strings.Cut(stem, "-")
	if !ok || ext != "open" && ext != "seg" && ext != "sent" {
		return nil
	}
	g := Segment{Tried: true}
	var err1, err2 error
	g.Number, err1 = strconv.ParseUint(number, 16, 64)
	g.Batch, err2 = strconv.ParseUint(batch, 16, 64)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	path := filepath.Join(s.dir, name)
	if ext == "open" {
		if err := cutTail(path); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return os.Remove(path)
	}
	g.Bytes, g.Since = info.Size(), info.ModTime()
	if err := os.Rename(path, s.path(g, "seg")); err != nil {
		return err
	}
	s.sealed, s.number = append(s.sealed, g), max(s.number, g.Number)
	s.bytes.Add(g.Bytes)
	return nil
}

// cutTail takes the line away that a process was killed in.
func cutTail(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, int64(bytes.LastIndexByte(data, '\n')+1))
}

func (s *Spool) path(g Segment, ext string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%016x-%016x.%s", g.Number, g.Batch, ext))
}

// Append takes an event; it never waits for the disk. What does not fit is counted as dropped, and
// reported as false.
func (s *Spool) Append(e Event) bool {
	s.memory.Lock()
	defer s.memory.Unlock()
	if len(s.buffer) >= mostBuffered || s.bytes.Load() >= s.limit {
		s.drops[e.Day]++
		s.changed = true
		return false
	}
	s.buffer = append(s.buffer, e)
	return true
}

// Sync writes what waits in memory, and seals what is large or old enough. seal seals all.
func (s *Spool) Sync(seal bool) error {
	s.files.Lock()
	defer s.files.Unlock()
	err := s.write()
	for month, o := range s.open {
		if seal || o.rows >= mostRows || s.now().Sub(o.Since) >= sealAfter {
			err = errors.Join(err, s.seal(month, o))
		}
	}
	return errors.Join(err, s.forget(), s.writeDrops())
}

// write appends the buffer to the segments of its months, and makes sure it is on disk. What
// cannot be written stays in memory.
func (s *Spool) write() error {
	s.memory.Lock()
	events := s.buffer
	s.buffer = nil
	s.memory.Unlock()
	lines := map[Day][]byte{}
	rows := map[Day]int{}
	for _, e := range events {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing the usage spool: %w", err) // no value of an Event can cause this
		}
		month := e.Day.Month()
		lines[month] = append(append(lines[month], line...), '\n')
		rows[month]++
	}
	var failed error
	for month, data := range lines {
		if err := s.append(month, data, rows[month]); err != nil {
			failed = fmt.Errorf("writing the usage spool: %w", err)
			s.takeBack(slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.Day.Month() != month }))
		}
	}
	return failed
}

// takeBack puts events into memory that could not be written.
func (s *Spool) takeBack(events []Event) {
	s.memory.Lock()
	defer s.memory.Unlock()
	s.buffer = append(events, s.buffer...)
}

// append adds lines to the open segment of a month, all or none.
func (s *Spool) append(month Day, data []byte, rows int) error {
	o := s.open[month]
	if o == nil {
		var err error
		if o, err = s.begin(); err != nil {
			return err
		}
		s.open[month] = o
	}
	if _, err := o.file.WriteAt(data, o.Bytes); err != nil {
		return err
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	o.Bytes, o.rows = o.Bytes+int64(len(data)), o.rows+rows
	s.bytes.Add(int64(len(data)))
	return nil
}

// begin makes a segment.
func (s *Spool) begin() (*openSegment, error) {
	var id [8]byte
	rand.Read(id[:]) // never fails: it ends the program instead
	// ClickHouse shards by the number, and a driver may take it for a signed one.
	g := Segment{Number: s.number + 1, Batch: binary.BigEndian.Uint64(id[:]) >> 1, Since: s.now()}
	f, err := os.OpenFile(s.path(g, "open"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	s.number++
	return &openSegment{Segment: g, file: f}, nil
}

// seal closes a segment.
func (s *Spool) seal(month Day, o *openSegment) error {
	delete(s.open, month)
	// A failed write may have left a part of a line behind what counts.
	err := errors.Join(o.file.Truncate(o.Bytes), o.file.Close())
	if err != nil {
		return fmt.Errorf("sealing a segment of the usage spool: %w", err)
	}
	if o.Bytes == 0 {
		return os.Remove(s.path(o.Segment, "open"))
	}
	if err := os.Rename(s.path(o.Segment, "open"), s.path(o.Segment, "seg")); err != nil {
		return fmt.Errorf("sealing a segment of the usage spool: %w", err)
	}
	s.sealed = append(s.sealed, o.Segment)
	return syncDir(s.dir)
}

// syncDir makes names of files outlast a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Next returns the oldest sealed segment as a batch.
func (s *Spool) Next() (Segment, Batch, bool, error) {
	s.files.Lock()
	if len(s.sealed) == 0 {
		s.files.Unlock()
		return Segment{}, Batch{}, false, nil
	}
	g := s.sealed[0]
	s.files.Unlock()
	b, err := readSegment(s.path(g, "seg"))
	b.ID = g.Batch
	return g, b, err == nil, err
}

// readSegment reads the events of a file.
func readSegment(path string) (Batch, error) {
	f, err := os.Open(path)
	if err != nil {
		return Batch{}, fmt.Errorf("reading a segment of the usage spool: %w", err)
	}
	defer f.Close()
	var b Batch
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var e Event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			return Batch{}, fmt.Errorf("reading the segment %s of the usage spool, line %d: %w", filepath.Base(path), len(b.Events)+1, err)
		}
		b.Events = append(b.Events, e)
	}
	if len(b.Events) > 0 {
		b.Month = b.Events[0].Day.Month()
	}
	return b, in.Err()
}

// Try marks a segment: from now on nobody knows whether the store has it.
func (s *Spool) Try(g Segment) {
	s.files.Lock()
	defer s.files.Unlock()
	for i := range s.sealed {
		if s.sealed[i].Number == g.Number {
			s.sealed[i].Tried = true
		}
	}
}

// Done says that the store has a segment.
func (s *Spool) Done(g Segment) error { return s.leave(g, "sent") }

// SetAside takes a segment out of the way that no store can take.
func (s *Spool) SetAside(g Segment) error { return s.leave(g, "bad") }

func (s *Spool) leave(g Segment, ext string) error {
	s.files.Lock()
	defer s.files.Unlock()
	if err := os.Rename(s.path(g, "seg"), s.path(g, ext)); err != nil {
		return fmt.Errorf("putting away a segment of the usage spool: %w", err)
	}
	s.sealed = slices.DeleteFunc(s.sealed, func(o Segment) bool { return o.Number == g.Number })
	s.bytes.Add(-g.Bytes)
	if ext == "sent" {
		s.sent = append(s.sent, sentSegment{g, s.now()})
	}
	return nil
}

// forget deletes what was sent long enough ago.
func (s *Spool) forget() error {
	for len(s.sent) > 0 && s.now().Sub(s.sent[0].at) >= keepSent {
		if err := os.Remove(s.path(s.sent[0].Segment, "sent")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.sent = s.sent[1:]
	}
	return nil
}

// SpoolStatus is how much waits for the store.
type SpoolStatus struct {
	Segments int
	Bytes    int64
	Oldest   time.Time // zero: nothing waits
	Dropped  map[Day]int64
}

// Status tells how much waits for the store, and what was dropped.
func (s *Spool) Status() SpoolStatus {
	s.files.Lock()
	defer s.files.Unlock()
	st := SpoolStatus{Segments: len(s.sealed) + len(s.open), Bytes: s.bytes.Load(), Dropped: s.dropped()}
	older := func(t time.Time) {
		if st.Oldest.IsZero() || t.Before(st.Oldest) {
			st.Oldest = t
		}
	}
	for _, g := range s.sealed {
		older(g.Since)
	}
	for _, o := range s.open {
		older(o.Since)
	}
	return st
}

// dropped copies what was dropped, by day.
func (s *Spool) dropped() map[Day]int64 {
	s.memory.Lock()
	defer s.memory.Unlock()
	return maps.Clone(s.drops)
}

// dropsFile keeps what was dropped, so that a restart does not make it forgotten.
const dropsFile = "dropped.json"

func (s *Spool) readDrops() error {
	data, err := os.ReadFile(filepath.Join(s.dir, dropsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s.drops)
	}
	if err != nil {
		return fmt.Errorf("reading what the usage spool dropped: %w", err)
	}
	return nil
}

func (s *Spool) writeDrops() error {
	s.memory.Lock()
	changed := s.changed
	s.changed = false
	data, err := json.Marshal(s.drops)
	s.memory.Unlock()
	if !changed || err != nil {
		return err
	}
	tmp := filepath.Join(s.dir, dropsFile+".new")
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("writing down what was dropped: %w", err)
	}
	return os.Rename(tmp, filepath.Join(s.dir, dropsFile))
}
