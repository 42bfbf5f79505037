// Package sqlstore keeps the catalogue in one SQLite file.
//
// In flow batches and queries, out flow entries of the change log and search results, as
// catalog.Store promises. It stores everything the hub must not lose: records, raws, the
// change log, runs with their cursors, validators. It must not know how records are
// fetched, understood or written out. One connection writes, several read (WAL), and the
// facets are bitmaps in memory that follow each commit.
package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pressly/goose/v3"
	"github.com/prometheus/client_golang/prometheus"
	_ "modernc.org/sqlite" // registers the driver

	"ctiphub/catalog"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options are what a Store needs beside its file.
type Options struct {
	// Broader returns the ancestors of a theme, nearest first: they make set specs.
	Broader    func(theme string) []string
	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
}

// Store is the catalogue in one file. It is safe for concurrent use.
type Store struct {
	write, read *sql.DB
	o           Options
	facets      *catalog.FacetIndex
	metrics     *metrics
	q           queries
	follow      sync.Mutex   // held while the facets take changes
	followed    atomic.Int64 // the last change that the facets hold
	saved       atomic.Int64 // the last change that the saved facets hold
	specs       sync.Map     // numbers of set specs, which never change
	owners      sync.Map     // by run that this store began or took over: who holds it
	dead        sync.Map     // links that are dead, with when that was found
	anyDead     atomic.Bool  // whether dead ever held one
	once        sync.Once    // closes
	enc         *zstd.Encoder
	dec         *zstd.Decoder
}

var _ catalog.Store = (*Store)(nil)

// readers is the number of connections that read. Each has a page cache of its own, which
// is small: at 100,000 records, 32 MB for each cost 200 MB and found nothing faster.
const readers = 4

// Open opens the catalogue in a file, makes it when it does not exist, and brings its
// tables up to date.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{o: o}
	var err error
	if s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0))); err != nil {
		return nil, fmt.Errorf("preparing compression: %w", err)
	}
	if s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0)); err != nil {
		return nil, fmt.Errorf("preparing compression: %w", err)
	}
	if err := s.open(ctx, path); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the catalogue %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.write, err = connect(path, "&_txlock=immediate&_pragma=wal_autocheckpoint(8000)&_pragma=cache_size(-32000)", 1); err != nil {
		return err
	}
	if s.read, err = connect(path, "&_pragma=cache_size(-8000)", readers); err != nil {
		return err
	}
	if err := s.assertPragmas(ctx); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("bringing the tables up to date: %w", err)
	}
	if err := s.fillDigests(ctx); err != nil {
		return fmt.Errorf("adding up the digests: %w", err)
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.loadFacets(ctx); err != nil {
		return err
	}
	if err := s.loadDead(ctx); err != nil {
		return err
	}
	m := newMetrics(s)
	if err := m.register(s.o.Registerer); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	s.metrics = m
	return nil
}

// connect opens a pool on the file.
func connect(path, extra string, conns int) (*sql.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(NORMAL)&_pragma=temp_store(MEMORY)" + extra
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(0)
	return db, nil
}

// assertPragmas makes sure that the settings took: a driver ignores names it does not know.
func (s *Store) assertPragmas(ctx context.Context) error {
	for _, db := range []*sql.DB{s.write, s.read} {
		var mode string
		var timeout int
		if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
			return err
		}
		if err := db.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&timeout); err != nil {
			return err
		}
		if mode != "wal" || timeout != 10000 {
			return fmt.Errorf("the database did not take its settings: journal_mode=%s, busy_timeout=%d", mode, timeout)
		}
	}
	return nil
}

func (s *Store) provider() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, s.write, dir)
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// SchemaVersion returns the number of the last migration that was applied.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	p, err := s.provider()
	if err != nil {
		return 0, err
	}
	return p.GetDBVersion(ctx)
}

// Snapshot writes a consistent copy of the catalogue to a new file.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	_, err := s.read.ExecContext(ctx, "VACUUM INTO $1", path)
	return err
}

// closing is how long Close may take to save the facets.
const closing = 5 * time.Second

// Close saves the facets and closes the file. A second call does nothing.
func (s *Store) Close() (err error) {
	s.once.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	if s.metrics != nil {
		s.metrics.unregister(s.o.Registerer)
		// A fresh context: the caller's is over by now.
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		if err := s.saveFacets(ctx, false); err != nil {
			s.o.Logger.Warn("the facets were not saved", "error", err)
		}
	}
	var first error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			if err := db.Close(); err != nil && first == nil {
				first = err
			}
		}
	}
	if s.enc != nil {
		s.enc.Close()
	}
	if s.dec != nil {
		s.dec.Close()
	}
	return first
}

// millis is how times are stored: 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
