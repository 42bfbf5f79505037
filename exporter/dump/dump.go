// Package dump writes the whole catalogue, and what changed since, as files that other portals
// fetch: the same records as JSON lines, CSV and XML, compressed, with a manifest that proves
// what is in them.
//
// In flow the entries of the change log as of one moment; out flow folders below one folder.
// A dump appears complete or not at all, and a full one only when nothing that the last one had
// is missing without a trace. It must not know how entries are stored.
package dump

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"ctiphub/exporter"
	"ctiphub/record"
)

// Catalogue is what is dumped.
type Catalogue interface {
	// View yields every published entry behind a number, in order and all of one moment.
	View(ctx context.Context, after int64) iter.Seq2[record.Entry, error]
}

// Kind is what a dump holds.
type Kind string

// The kinds of dumps.
const (
	Full  Kind = "full"  // everything that is published
	Delta Kind = "delta" // what changed since another dump
)

// Part is one form in which the records of a dump are written.
type Part struct {
	File      string // "records.ndjson"; ".zst" is added
	MediaType string // of what is inside
	Document  func() exporter.Document
}

// Guard is by how much a full dump may shrink before a person looks.
type Guard struct {
	Percent int // 15 when 0
	Records int // 20 when 0: fewer are never too many
}

// Dumps is one folder of dumps.
type Dumps struct {
	Dir       string
	Catalogue Catalogue
	Parts     []Part
	Guard     Guard
	Keep      map[Kind]int // how many of each stay; 7 fulls and 30 deltas when nil
	Now       func() time.Time
	Logger    *slog.Logger
}

// Manifest says what a dump holds. It is served beside the files, and is manifest.json.
type Manifest struct {
	Name   string    `json:"name"`
	Kind   Kind      `json:"kind"`
	Schema string    `json:"schema"` // version of the ctip schema
	Made   time.Time `json:"made"`
	// After is the number of the change log behind which a delta begins, 0 of a full dump; Last
	// is that of its last entry. A full dump and then, in order, every delta whose Last is
	// greater are the catalogue.
	After   int64    `json:"after"`
	Last    int64    `json:"last"`
	Live    int      `json:"live"`
	Deleted int      `json:"deleted"`
	Sources []Source `json:"sources"`
	Files   []File   `json:"files"`
	// Held says why it was not released; such a dump is not served.
	Held []string `json:"held,omitempty"`
}

// Source is what a dump holds of one source. Of a full dump the digest is that of
// /api/v1/digest at the same moment.
type Source struct {
	Source  string `json:"source"`
	Live    int    `json:"live"`
	Deleted int    `json:"deleted"`
	Digest  string `json:"digest"` // hexadecimal
}

// File is one file of a dump.
type File struct {
	Name         string `json:"name"`
	MediaType    string `json:"mediaType"` // of what is inside; the file itself is application/zstd
	Records      int    `json:"records"`
	Bytes        int64  `json:"bytes"`
	Uncompressed int64  `json:"uncompressed"`
	SHA256       string `json:"sha256"` // of the file as it is, hexadecimal
}

// manifestFile and indexFile are in every dump. The index lists all its entries, by id.
const (
	manifestFile = "manifest.json"
	indexFile    = "index.csv.zst"
)

// The beginnings of the names of folders that are not served.
const (
	makingPrefix = ".making-"
	heldPrefix   = "held-"
)

var dumpName = regexp.MustCompile(`^(?:full|delta)-\d{8}T\d{6}Z$`)

// ErrNoDump is returned for a dump that does not exist.
var ErrNoDump = errors.New("no such dump")

// List returns the released dumps, the newest first.
func (d *Dumps) List() ([]Manifest, error) { return d.list("") }

// HeldBack returns those that wait for a decision.
func (d *Dumps) HeldBack() ([]Manifest, error) { return d.list(heldPrefix) }

func (d *Dumps) list(prefix string) ([]Manifest, error) {
	folders, err := os.ReadDir(d.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the dumps: %w", err)
	}
	var list []Manifest
	for _, f := range folders {
		name, ok := strings.CutPrefix(f.Name(), prefix)
		if !ok || !dumpName.MatchString(name) || !f.IsDir() {
			continue
		}
		m, err := readManifest(filepath.Join(d.Dir, f.Name()))
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Manifest) int { return newestFirst(a.Name, b.Name) })
	return list, nil
}

// newestFirst compares names by the time in them.
func newestFirst(a, b string) int {
	_, at, _ := strings.Cut(a, "-")
	_, bt, _ := strings.Cut(b, "-")
	if at != bt {
		return strings.Compare(bt, at)
	}
	return strings.Compare(b, a)
}

func readManifest(dir string) (m Manifest, err error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		return m, fmt.Errorf("reading the manifest of %s: %w", filepath.Base(dir), err)
	}
	return m, nil
}

// last returns the newest released dump of a kind, "" for any.
func (d *Dumps) last(kind Kind) (m Manifest, ok bool, err error) {
	list, err := d.List()
	for _, m := range list {
		if kind == "" || m.Kind == kind {
			return m, true, nil
		}
	}
	return m, false, err
}

// Release lets a held dump be served.
func (d *Dumps) Release(name string) error {
	from := filepath.Join(d.Dir, heldPrefix+name)
	m, err := readManifest(from)
	if !dumpName.MatchString(name) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("releasing %s: %w", name, ErrNoDump)
	}
	if err != nil {
		return err
	}
	m.Held = nil
	if err := writeManifest(from, m); err != nil {
		return err
	}
	if err := os.Rename(from, filepath.Join(d.Dir, name)); err != nil {
		return fmt.Errorf("releasing %s: %w", name, err)
	}
	return nil
}

// Discard deletes a held dump.
func (d *Dumps) Discard(name string) error {
	dir := filepath.Join(d.Dir, heldPrefix+name)
	if _, err := os.Stat(dir); !dumpName.MatchString(name) || err != nil {
		return fmt.Errorf("discarding %s: %w", name, ErrNoDump)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("discarding %s: %w", name, err)
	}
	return nil
}
