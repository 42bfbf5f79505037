package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// entryColumns are what an entry is made of, of record r and content c.
const entryColumns = `r.num, r.id, r.source, r.seq, r.stamp, r.visible, r.sets, r.first_seen, r.last_seen, r.last_changed, r.raw_hash, c.doc`

// numbered is an entry with the number that bitmaps know it by.
type numbered struct {
	num   uint32
	entry record.Entry
}

// scanEntry reads one row of entryColumns; the record is in doc, unless it is a tombstone.
func scanEntry(scan func(...any) error) (n numbered, doc []byte, err error) {
	var id, source, sets, rawHash string
	var stamp, first, last, changed int64
	var visible int
	e := &n.entry
	if err := scan(&n.num, &id, &source, &e.Seq, &stamp, &visible, &sets, &first, &last, &changed, &rawHash, &doc); err != nil {
		return n, nil, err
	}
	e.Stamp = time.Unix(stamp, 0).UTC()
	e.Sets = strings.Fields(sets)
	if e.Deleted = visible == tombstone; e.Deleted {
		e.Record.ID, e.Record.Origin.Source = record.ID(id), source
		return n, nil, nil
	}
	e.Record.Harvest = record.Harvest{FirstSeen: fromMillis(first), LastSeen: fromMillis(last), LastChanged: fromMillis(changed), Raw: rawHash}
	return n, doc, nil
}

// numbered reads all rows of a query of entryColumns and closes them.
func (s *Store) numbered(ctx context.Context, query string, args ...any) ([]numbered, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return someNumbered(rows, math.MaxInt)
}

// someNumbered reads at most so many rows of entryColumns. Decoding records is most of the
// work, and done on all processors.
func someNumbered(rows *sql.Rows, limit int) ([]numbered, error) {
	var list []numbered
	var docs [][]byte
	for len(list) < limit && rows.Next() {
		n, doc, err := scanEntry(rows.Scan)
		if err != nil {
			return nil, err
		}
		list, docs = append(list, n), append(docs, doc)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return list, inParallel(len(list), func(i int) error {
		e := &list[i].entry
		if e.Deleted {
			return nil
		}
		rec, err := decode(docs[i])
		rec.Harvest = e.Record.Harvest
		e.Record = rec
		return err
	})
}

// viewBlock is how many entries of a view are read at a time.
const viewBlock = 500

// View yields every published entry behind a number, in order and all of one moment: those of
// one read transaction.
func (s *Store) View(ctx context.Context, after int64) iter.Seq2[record.Entry, error] {
	return func(yield func(record.Entry, error) bool) {
		rows, err := s.read.QueryContext(ctx, entriesView, after)
		if err != nil {
			yield(record.Entry{}, fmt.Errorf("reading the change log: %w", err))
			return
		}
		defer rows.Close()
		for {
			list, err := someNumbered(rows, viewBlock)
			if err != nil {
				yield(record.Entry{}, fmt.Errorf("reading the change log: %w", err))
				return
			}
			for _, n := range list {
				if !yield(n.entry, nil) {
					return
				}
			}
			if len(list) < viewBlock {
				return
			}
		}
	}
}

func (s *Store) entries(ctx context.Context, query string, args ...any) ([]record.Entry, error) {
	list, err := s.numbered(ctx, query, args...)
	var entries []record.Entry
	for _, n := range list {
		entries = append(entries, n.entry)
	}
	return entries, err
}

// Entry returns one published entry.
func (s *Store) Entry(ctx context.Context, id record.ID) (record.Entry, error) {
	list, err := s.entries(ctx, `SELECT `+entryColumns+` FROM record r LEFT JOIN content c ON c.num = r.num WHERE r.id = $1 AND r.visible > 0`, string(id))
	if err != nil {
		return record.Entry{}, fmt.Errorf("reading record %s: %w", id, err)
	}
	if len(list) == 0 {
		return record.Entry{}, catalog.ErrNotFound
	}
	return list[0], nil
}

// Known returns the validator stored for a URL, unless one of the records that came from
// there is no longer kept: an answer "not modified" would then hide it for ever.
func (s *Store) Known(ctx context.Context, source, url string) (catalog.Validator, bool, error) {
	v := catalog.Validator{URL: url}
	var identifiers string
	err := s.read.QueryRowContext(ctx, `SELECT etag, last_modified, identifiers FROM validator WHERE source = $1 AND url = $2`, source, url).Scan(&v.ETag, &v.LastModified, &identifiers)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(identifiers), &v.Identifiers)
	}
	if err != nil {
		return v, false, fmt.Errorf("reading the validator of %s: %w", url, err)
	}
	for _, identifier := range v.Identifiers {
		var lost bool
		err := s.read.QueryRowContext(ctx, `SELECT NOT kept FROM record WHERE id = $1`, string(record.NewID(source, identifier))).Scan(&lost)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return v, false, fmt.Errorf("reading the validator of %s: %w", url, err)
		}
		if lost {
			return catalog.Validator{URL: url}, false, nil
		}
	}
	return v, true, nil
}

// Has reports whether a record of a source is kept under the source's own identifier.
func (s *Store) Has(ctx context.Context, source, identifier string) (bool, error) {
	var kept bool
	err := s.read.QueryRowContext(ctx, `SELECT kept FROM record WHERE id = $1`, string(record.NewID(source, identifier))).Scan(&kept)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("looking for a record of %s: %w", source, err)
	}
	return kept, nil
}

// Raw returns the raw that a record was last made from.
func (s *Store) Raw(ctx context.Context, id record.ID) (record.Raw, error) {
	var meta string
	var body []byte
	err := s.read.QueryRowContext(ctx, `SELECT c.meta, c.body FROM record r JOIN content c ON c.num = r.num WHERE r.id = $1`, string(id)).Scan(&meta, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return record.Raw{}, catalog.ErrNotFound
	}
	if err != nil {
		return record.Raw{}, fmt.Errorf("reading the raw of %s: %w", id, err)
	}
	return s.decodeRaw(meta, body)
}
