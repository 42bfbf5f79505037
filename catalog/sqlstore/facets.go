package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/catalog"
)

// saveEvery is after how many changes the facets are saved, so that opening after a
// crash has no more than these to catch up with.
const saveEvery = 50_000

// writeFacets writes facet values as they are stored, those that searches count first.
func writeFacets(values map[catalog.Facet][]string) string {
	var b strings.Builder
	for _, f := range catalog.Filters() {
		for _, v := range values[f] {
			if v == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(facetToken(f, v))
		}
	}
	return b.String()
}

// indexed cuts off what no search counts, and the search index need not know.
func indexed(facets string) string {
	for _, f := range []catalog.Facet{catalog.FacetFinding, catalog.FacetScore} {
		if i := strings.Index(facets, " "+string(f)+":"); i >= 0 {
			facets = facets[:i]
		}
	}
	return facets
}

// facetToken is how one value is written: without spaces and quotes.
func facetToken(f catalog.Facet, value string) string {
	return string(f) + ":" + url.QueryEscape(value)
}

// readFacets is the opposite of writeFacets.
func readFacets(s string) map[catalog.Facet][]string {
	values := map[catalog.Facet][]string{}
	for token := range strings.FieldsSeq(s) {
		f, v, ok := strings.Cut(token, ":")
		if !ok {
			continue
		}
		if plain, err := url.QueryUnescape(v); err == nil {
			values[catalog.Facet(f)] = append(values[catalog.Facet(f)], plain)
		}
	}
	return values
}

// loadFacets takes the facets as they were saved, or builds them from the records, and
// catches up with the change log.
func (s *Store) loadFacets(ctx context.Context) error {
	s.facets = catalog.NewFacetIndex()
	var seq, saved int64
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT value FROM counter WHERE name = 'seq'), (SELECT value FROM counter WHERE name = 'facets')`).Scan(&seq, &saved)
	switch {
	case err != nil:
	case saved > 0:
		err = s.readBitmaps(ctx)
		seq = saved
	case seq > 0:
		err = s.buildFacets(ctx)
	}
	if err == nil {
		s.followed.Store(seq)
		s.saved.Store(saved)
		err = s.catchUp(ctx)
	}
	if err != nil {
		return fmt.Errorf("loading the facets: %w", err)
	}
	return nil
}

// buildFacets fills the facets from the live records.
func (s *Store) buildFacets(ctx context.Context) error {
	rows, err := s.read.QueryContext(ctx, `SELECT num, facets FROM record WHERE visible = 1 ORDER BY num`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var changes []catalog.FacetChange
	for rows.Next() {
		var num uint32
		var facets string
		if err := rows.Scan(&num, &facets); err != nil {
			return err
		}
		changes = append(changes, catalog.FacetChange{Num: num, Now: readFacets(facets)})
		if len(changes) == 10_000 {
			s.facets.Apply(changes)
			changes = changes[:0]
		}
	}
	s.facets.Apply(changes)
	return rows.Err()
}

func (s *Store) readBitmaps(ctx context.Context) error {
	rows, err := s.read.QueryContext(ctx, `SELECT facet, value, bits FROM facet`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f, value string
		var bits []byte
		if err := rows.Scan(&f, &value, &bits); err != nil {
			return err
		}
		b := roaring.New()
		if err := b.UnmarshalBinary(bits); err != nil {
			return err
		}
		s.facets.Load(catalog.Facet(f), value, b)
	}
	return rows.Err()
}

// follows makes sure that the facets hold everything committed before the call, by this
// process or another one.
func (s *Store) follows(ctx context.Context) error {
	var seq int64
	if err := s.read.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'seq'`).Scan(&seq); err != nil {
		return err
	}
	if seq <= s.followed.Load() {
		return nil
	}
	return s.catchUp(ctx)
}

// catchUp applies what the change log holds behind the last change that the facets saw.
func (s *Store) catchUp(ctx context.Context) error {
	s.follow.Lock()
	defer s.follow.Unlock()
	for {
		changes, seq, err := s.changesAfter(ctx, s.followed.Load())
		if err != nil || seq == 0 {
			return err
		}
		s.facets.Apply(changes)
		s.followed.Store(seq)
	}
}

// changesSince reads the change log with what its records are now.
const changesSince = `SELECT c.seq, c.num, r.visible, r.facets FROM change c JOIN record r ON r.num = c.num WHERE c.seq > $1 ORDER BY c.seq LIMIT 10000`

// changesAfter reads a block of the change log as changes of the facets; seq is 0 when
// there is none.
func (s *Store) changesAfter(ctx context.Context, after int64) (changes []catalog.FacetChange, seq int64, err error) {
	rows, err := s.read.QueryContext(ctx, changesSince, after)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var num uint32
		var visible int
		var facets string
		if err := rows.Scan(&seq, &num, &visible, &facets); err != nil {
			return nil, 0, err
		}
		c := catalog.FacetChange{Num: num}
		if visible == live {
			c.Now = readFacets(facets)
		}
		changes = append(changes, c)
	}
	return changes, seq, rows.Err()
}

// saveFacets writes the facets beside the number of the last change that they hold,
// unless what is saved is as new. again says to write them all the same.
func (s *Store) saveFacets(ctx context.Context, again bool) error {
	if err := s.follows(ctx); err != nil {
		return fmt.Errorf("saving the facets: %w", err)
	}
	if !again && s.followed.Load() == s.saved.Load() {
		return nil
	}
	// The transaction comes before the lock, as in change: the other way round, the two
	// would wait for each other.
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("saving the facets: %w", err)
	}
	s.follow.Lock()
	defer s.follow.Unlock()
	seq := s.followed.Load()
	if err := s.writeBitmaps(ctx, tx, seq, again); err != nil {
		return fmt.Errorf("saving the facets: %w", errors.Join(err, ignoreDone(tx.Rollback())))
	}
	s.saved.Store(seq)
	return nil
}

func (s *Store) writeBitmaps(ctx context.Context, tx *sql.Tx, seq int64, again bool) error {
	var saved int64
	if err := tx.QueryRowContext(ctx, `SELECT value FROM counter WHERE name = 'facets'`).Scan(&saved); err != nil {
		return err
	}
	if saved >= seq && !again {
		return tx.Rollback() // another process was here
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM facet`); err != nil {
		return err
	}
	err := s.facets.Save(func(f catalog.Facet, value string, b *roaring.Bitmap) error {
		bits, err := b.ToBytes()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO facet (facet, value, bits) VALUES ($1, $2, $3)`, string(f), value, bits)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE counter SET value = $1 WHERE name = 'facets'`, seq); err != nil {
		return err
	}
	return tx.Commit()
}
