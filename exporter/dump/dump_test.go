package dump

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ctiphub/exporter/csv"
	"ctiphub/exporter/ctip"
	"ctiphub/exporter/ndjson"
	"ctiphub/record"
)

// memory is a change log in memory.
type memory struct {
	entries []record.Entry
	seq     int64
	now     time.Time
}

func (m *memory) put(name, title string, deleted bool) {
	e := record.Entry{Record: record.Record{ID: record.NewID("test", name)}, Deleted: deleted}
	e.Record.Origin.Source = "source-" + name[:1]
	if !deleted {
		e.Record.Title = record.Texts{"en": title, "km": "ជនរងគ្រោះ"}
	}
	m.entries = slices.DeleteFunc(m.entries, func(o record.Entry) bool { return o.Record.ID == e.Record.ID })
	m.seq++
	e.Seq, e.Stamp = m.seq, m.now.Truncate(time.Second)
	m.entries = append(m.entries, e)
}

// View yields a copy, as of this moment.
func (m *memory) View(_ context.Context, after int64) iter.Seq2[record.Entry, error] {
	list := slices.Clone(m.entries)
	return func(yield func(record.Entry, error) bool) {
		for _, e := range list {
			if e.Seq > after && !yield(e, nil) {
				return
			}
		}
	}
}

func newDumps(t *testing.T) (*Dumps, *memory) {
	t.Helper()
	m := &memory{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	return &Dumps{
		Dir: filepath.Join(t.TempDir(), "dumps"), Catalogue: m, Now: func() time.Time { return m.now }, Keep: map[Kind]int{Full: 3, Delta: 50},
		Parts: []Part{
			{"records.ndjson", "application/x-ndjson", ndjson.New().Document},
			{"records.csv", "text/csv", csv.New().Document},
			{"records.xml", "application/xml", ctip.New().Document},
		},
	}, m
}

func (d *Dumps) mustMake(t *testing.T, kind Kind) Manifest {
	t.Helper()
	m, err := d.Make(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// unpack reads a file of a dump and holds it against its manifest.
func unpack(t *testing.T, d *Dumps, m Manifest, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(d.Dir, m.Name, name))
	if err != nil {
		t.Fatal(err)
	}
	f := m.Files[slices.IndexFunc(m.Files, func(f File) bool { return f.Name == name })]
	sum := sha256.Sum256(data)
	z, err := zstd.NewReader(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	text, err := io.ReadAll(z)
	if err != nil || hex.EncodeToString(sum[:]) != f.SHA256 || int64(len(data)) != f.Bytes || int64(len(text)) != f.Uncompressed {
		t.Errorf("%s: %v; its manifest does not tell the truth: %+v", name, err, f)
	}
	return string(text)
}

// TestDumpsAreTheCatalogue applies random histories and random nights: the last full dump and
// the deltas behind it always come to what the catalogue holds.
func TestDumpsAreTheCatalogue(t *testing.T) {
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 4))
		d, m := newDumps(t)
		for range 20 {
			m.put(fmt.Sprint(random.IntN(40)), "first", false)
		}
		d.Guard = Guard{Percent: 100}
		d.mustMake(t, Full)
		for range 1 + random.IntN(12) {
			m.now = m.now.Add(time.Duration(1+random.IntN(5000)) * time.Second)
			for range random.IntN(15) {
				m.put(fmt.Sprint(random.IntN(40)), fmt.Sprint("state ", m.seq), random.IntN(4) == 0)
			}
			d.mustMake(t, []Kind{Delta, Delta, Full}[random.IntN(3)])
			m.now = m.now.Add(time.Second)
		}
		d.mustMake(t, Delta)
		if got, want := state(t, d), held(m); got != want {
			t.Errorf("seed %d: the dumps come to\n%s\nand the catalogue holds\n%s", seed, got, want)
		}
	}
}

// state applies the newest full dump and the deltas behind it.
func state(t *testing.T, d *Dumps) string {
	t.Helper()
	list, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	first := 0
	for i, m := range list {
		if m.Kind == Full {
			first = i
		}
	}
	has, last := map[string]string{}, int64(-1)
	for i, m := range list {
		switch {
		case i < first || i > first && m.Last <= last:
			continue
		case i > first && m.After > last:
			t.Errorf("%s begins behind %d, the dump before ends at %d", m.Name, m.After, last)
		}
		last = m.Last
		for i, row := range strings.Split(strings.TrimSpace(unpack(t, d, m, indexFile)), "\r\n") {
			if f := strings.Split(row, ","); i > 0 && f[3] == "deleted" {
				has[f[0]] = "deleted"
			}
		}
		records := 0
		for row := range strings.Lines(unpack(t, d, m, "records.ndjson.zst")) {
			var res struct {
				ID    string
				Title map[string]string
			}
			if err := json.Unmarshal([]byte(row), &res); err != nil {
				t.Fatal(err)
			}
			has[res.ID] = res.Title["en"]
			records++
		}
		if lines := strings.Count(unpack(t, d, m, "records.csv.zst"), "\r\n"); lines != records+1 || m.Live != records {
			t.Errorf("%s: %d lines of JSON, %d of CSV, the manifest says %d", m.Name, records, lines-1, m.Live)
		}
		if elements := strings.Count(unpack(t, d, m, "records.xml.zst"), "<resource "); elements != records {
			t.Errorf("%s: %d records in XML", m.Name, elements)
		}
	}
	return fmt.Sprint(has)
}

func held(m *memory) string {
	has := map[string]string{}
	for _, e := range m.entries {
		has[string(e.Record.ID)] = e.Record.Title["en"]
		if e.Deleted {
			has[string(e.Record.ID)] = "deleted"
		}
	}
	return fmt.Sprint(has)
}

// TestReleaseCheck spoils the catalogue in each way that holds a dump.
func TestReleaseCheck(t *testing.T) {
	for want, spoil := range map[string]func(*memory){
		"vanished without a tombstone": func(m *memory) { m.entries = m.entries[1:] },
		"goes back from 60 to 2":       func(m *memory) { m.entries[59].Seq = 2 },
		"the date of":                  func(m *memory) { m.entries[3].Stamp = m.now.Add(-1000 * time.Hour) },
		"30 of 60 records were":        func(m *memory) { gone(m, 30) },
		"":                             func(m *memory) { gone(m, 9) },
	} {
		d, m := newDumps(t)
		for i := range 60 {
			m.put(fmt.Sprint(i), "title", false)
		}
		first := d.mustMake(t, Full)
		m.now = m.now.Add(24 * time.Hour)
		spoil(m)
		second := d.mustMake(t, Full)
		list, err := d.List()
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			if len(second.Held) > 0 || len(list) != 2 {
				t.Errorf("a dump was held for nothing: %v", second.Held)
			}
			continue
		}
		if len(list) != 1 || list[0].Name != first.Name || !strings.Contains(strings.Join(second.Held, "\n"), want) {
			t.Errorf("%s: released %d, held because of %v", want, len(list), second.Held)
		}
		if err := d.Release("full-x"); !errors.Is(err, ErrNoDump) {
			t.Errorf("releasing what is not there: %v", err)
		}
		if err := d.Release(second.Name); err != nil {
			t.Fatal(err)
		}
		if list, err = d.List(); err != nil || len(list) != 2 || list[0].Name != second.Name || list[0].Held != nil {
			t.Errorf("%s: after its release: %+v, %v", want, list, err)
		}
	}
}

// gone withdraws so many records.
func gone(m *memory, n int) {
	for i := range n {
		m.put(fmt.Sprint(i), "", true)
	}
}

// TestWithdraw takes a record out of all dumps, held ones too, and nothing else.
func TestWithdraw(t *testing.T) {
	d, m := newDumps(t)
	m.put("a", "Zwieback", false)
	m.put("b", "beta", false)
	full := d.mustMake(t, Full)
	m.now = m.now.Add(time.Hour)
	m.put("b", "beta 2", false)
	delta := d.mustMake(t, Delta)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	names, err := d.Withdraw([]record.ID{record.NewID("test", "a")}, m.now)
	if err != nil || !slices.Equal(names, []string{full.Name}) {
		t.Fatalf("withdrawn %q, %v", names, err)
	}
	err = filepath.WalkDir(d.Dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && strings.Contains(path, full.Name) {
			t.Errorf("%s is still there", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if status, _, body := get(t, server.URL+"/dumps/"+full.Name+"/records.csv.zst", ""); status != http.StatusGone || strings.Contains(body, "Zwieback") {
		t.Errorf("status %d: %s", status, body)
	}
	if due, err := d.due(2 * time.Hour); err != nil || !due {
		t.Errorf("no dump takes its place: %v, %v", due, err)
	}
	if list, err := d.List(); err != nil || len(list) != 1 || list[0].Name != delta.Name {
		t.Errorf("left: %+v, %v", list, err)
	}
}

func get(t *testing.T, url, ranges string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

// TestTakedownMeanwhile takes a record down while a dump of it is made: the dump goes again.
func TestTakedownMeanwhile(t *testing.T) {
	d, m := newDumps(t)
	m.put("a", "alpha", false)
	m.put("b", "beta", false)
	d.Catalogue = taking{m, d}
	if _, err := d.Make(t.Context(), Full); !errors.Is(err, ErrMeanwhile) {
		t.Errorf("the dump was made: %v", err)
	}
	if list, err := d.List(); err != nil || len(list) != 0 {
		t.Errorf("released: %+v, %v", list, err)
	}
	d.Catalogue = m
	m.put("a", "", true)
	d.mustMake(t, Full)
	if list, err := d.List(); err != nil || len(list) != 1 {
		t.Errorf("the next one: %+v, %v", list, err)
	}
}

// taking takes the first record down as soon as it was read.
type taking struct {
	*memory
	dumps *Dumps
}

func (c taking) View(ctx context.Context, after int64) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		for e, err := range c.memory.View(ctx, after) {
			if !yield(e, err) {
				return
			}
			if _, err := c.dumps.Withdraw([]record.ID{record.NewID("test", "a")}, c.now); err != nil {
				yield(record.Entry{}, err)
				return
			}
		}
	}
}

// TestHandler serves what is released and nothing else.
func TestHandler(t *testing.T) {
	d, m := newDumps(t)
	m.put("a", "alpha", false)
	full := d.mustMake(t, Full)
	for _, name := range []string{"held-full-20260101T000000Z", ".making-full-20260102T000000Z"} {
		if err := os.MkdirAll(filepath.Join(d.Dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d.Dir, name, manifestFile), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	for path, want := range map[string]int{
		"/dumps/": 200, "/dumps/index.css": 200, "/dumps/manifest.json": 200, "/dumps/" + full.Name + "/manifest.json": 200, "/dumps/" + full.Name + "/records.csv.zst": 200,
		"/dumps/" + full.Name + "/": 404, "/dumps/" + full.Name + "/other": 404, "/dumps/" + full.Name + "/..%2f..%2fsecret": 404,
		"/dumps/held-full-20260101T000000Z/manifest.json": 404, "/dumps/.making-full-20260102T000000Z/manifest.json": 404, "/dumps/full-20250101T000000Z/records.csv.zst": 404,
	} {
		if status, _, body := get(t, server.URL+path, ""); status != want || strings.Contains(body, "held-") {
			t.Errorf("%s: status %d, want %d\n%s", path, status, want, body)
		}
	}
	status, head, body := get(t, server.URL+"/dumps/"+full.Name+"/records.xml.zst", "bytes=0-3")
	if status != http.StatusPartialContent || len(body) != 4 || head.Get("ETag") == "" || head.Get("Content-Type") != "application/zstd" {
		t.Errorf("a range: status %d, %d bytes, %v", status, len(body), head)
	}
	if _, _, body := get(t, server.URL+"/dumps/", ""); !strings.Contains(body, full.Name+"/records.ndjson.zst") || !strings.Contains(body, "1 records") {
		t.Errorf("the page: %s", body)
	}
}

// TestUnfinished leaves nothing of a dump that failed, and clears what a killed process left.
func TestUnfinished(t *testing.T) {
	d, m := newDumps(t)
	if made, err := d.Night(t.Context()); err != nil || len(made) > 0 {
		t.Errorf("a dump of nothing: %v, %v", made, err)
	}
	m.put("a", "alpha", false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Make(ctx, Full); !errors.Is(err, context.Canceled) {
		t.Errorf("a dump after the end: %v", err)
	}
	if _, err := d.Make(t.Context(), Delta); !errors.Is(err, ErrNoDump) {
		t.Errorf("a delta to nothing: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(d.Dir, makingPrefix+"full-20260101T000000Z"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(d.Dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestNights makes dumps over a week: a delta and a full one each night, as many as are kept,
// none twice, and the missed night at once.
func TestNights(t *testing.T) {
	d, m := newDumps(t)
	d.Keep = map[Kind]int{Full: 2, Delta: 3}
	at, err := Config{At: "02:00"}.time()
	if err != nil || at != 2*time.Hour {
		t.Fatalf("02:00 is %v, %v", at, err)
	}
	made := 0
	for range 7 * 24 {
		m.now = m.now.Add(time.Hour)
		m.put("a", fmt.Sprint(m.seq), false)
		due, err := d.due(at)
		if err != nil {
			t.Fatal(err)
		}
		if due {
			list, err := d.Night(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			made += len(list)
		}
	}
	list, err := d.List()
	if err != nil || len(list) != 5 || made != 1+7*2 {
		t.Errorf("%d made, %d kept, %v", made, len(list), err)
	}
	for _, bad := range []Config{{At: "25:00"}, {At: "2"}, {Fulls: -1}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
