package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/catalog"
)

// scored is one record found, by number. Of a record that was found along an order of
// the table, its place there is known as well.
type scored struct {
	num    uint32
	score  float64
	seq    int64
	issued string
}

// wanted is which results a page is to hold: n of some records, behind a place.
type wanted struct {
	of     *roaring.Bitmap
	behind catalog.Place
	n      int
}

// ranked returns the wanted hits by relevance. Every new record shifts the scores of all a
// little, so a place among them is the record that stood there, wherever it stands now;
// only when that one has changed or gone, results are counted from the beginning.
func (s *Store) ranked(ctx context.Context, q catalog.Query, fields string, w wanted) ([]scored, error) {
	mark, err := s.numAt(ctx, w.behind.Seq)
	if err != nil {
		return nil, err
	}
	expr := matchExpr(q.Text, fields) + filterExpr(q.Filters)
	rows, err := s.read.QueryContext(ctx, `SELECT rowid, bm25(search, 8.0, 1.0, 0.0) AS score FROM search WHERE search MATCH $1 ORDER BY score, rowid DESC`, expr)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []scored
	from := w.behind.At
	for marked := !w.of.Contains(mark); (!marked || len(list) < from+w.n) && rows.Next(); {
		var f scored
		if err := rows.Scan(&f.num, &f.score); err != nil {
			return nil, err
		}
		if !w.of.Contains(f.num) {
			continue
		}
		f.score = -f.score // the lowest is best in SQLite
		list = append(list, f)
		if f.num == mark {
			marked, from = true, len(list)
		}
	}
	return list[min(from, len(list)):min(from+w.n, len(list))], rows.Err()
}

// numAt returns the number of the live record at a place of the change log; 0, which no
// record has, when it has changed since or is gone.
func (s *Store) numAt(ctx context.Context, seq int64) (num uint32, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT num FROM record WHERE seq = $1 AND visible = 1`, seq).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return num, err
}

// rankedByTitle returns the wanted ones of: the hits with the text in the title, then the
// others, newest first. Those of the title come by relevance, if they are not too many as
// well.
func (s *Store) rankedByTitle(ctx context.Context, q catalog.Query, w wanted) ([]scored, error) {
	titles, err := s.numbers(ctx, matchExpr(q.Text, titleOnly))
	if err != nil {
		return nil, err
	}
	titles.And(w.of)
	count := int(titles.GetCardinality())
	mark, err := s.numAt(ctx, w.behind.Seq)
	if err != nil {
		return nil, err
	}
	rest := wanted{of: roaring.AndNot(w.of, titles), n: w.n}
	if rest.of.Contains(mark) || w.behind.At > count && !titles.Contains(mark) {
		rest.behind = w.behind
		return s.sorted(ctx, catalog.ByNewest, rest)
	}
	w.of = titles
	var found []scored
	if count <= rankLimit {
		found, err = s.ranked(ctx, q, titleOnly, w)
	} else {
		found, err = s.sorted(ctx, catalog.ByNewest, w)
	}
	if err != nil || len(found) == w.n {
		return found, err
	}
	rest.n -= len(found)
	more, err := s.sorted(ctx, catalog.ByNewest, rest)
	return append(found, more...), err
}

// few is how many selected records are looked up one by one for their place in an order;
// for more, the order is read from the place on until the page is full.
const few = 600

// The orders of a search along an index, from a place on. A test looks at how SQLite runs
// them.
const (
	newestFirst = `SELECT num, seq, '' FROM record WHERE visible = 1 AND seq < $1 ORDER BY seq DESC`
	issuedFirst = `SELECT num, seq, issued FROM record WHERE visible = 1 AND (issued, seq) < ($1, $2) ORDER BY issued DESC, seq DESC`
)

// beyondDates stands behind every date in the order of dates.
const beyondDates = "\U0010ffff"

// sorted returns the wanted records in an order of the table.
func (s *Store) sorted(ctx context.Context, sort catalog.Sort, w wanted) ([]scored, error) {
	from, most := w.behind, uint64(w.n)
	if from.Seq == 0 {
		// From the beginning it is known when the last one has been met.
		from, most = catalog.Place{Seq: math.MaxInt64, Issued: beyondDates}, min(most, w.of.GetCardinality())
	}
	if w.of.GetCardinality() <= few {
		return s.sortedFew(ctx, sort, w, from)
	}
	query, args := newestFirst, []any{from.Seq}
	if sort == catalog.ByIssued {
		query, args = issuedFirst, []any{from.Issued, from.Seq}
	}
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []scored
	for uint64(len(found)) < most && rows.Next() {
		var f scored
		if err := rows.Scan(&f.num, &f.seq, &f.issued); err != nil {
			return nil, err
		}
		if w.of.Contains(f.num) {
			found = append(found, f)
		}
	}
	return found, rows.Err()
}

// sortedFew is sorted for few records: it looks up the place of each.
func (s *Store) sortedFew(ctx context.Context, sort catalog.Sort, w wanted, from catalog.Place) ([]scored, error) {
	list, err := s.places(ctx, w.of.ToArray())
	if err != nil {
		return nil, err
	}
	order := func(a, b place) int {
		if sort == catalog.ByIssued && a.issued != b.issued {
			return cmp.Compare(b.issued, a.issued)
		}
		return cmp.Compare(b.seq, a.seq)
	}
	list = slices.DeleteFunc(list, func(p place) bool { return order(p, place{seq: from.Seq, issued: from.Issued}) <= 0 })
	slices.SortFunc(list, order)
	var found []scored
	for _, p := range list[:min(w.n, len(list))] {
		found = append(found, scored{num: p.num, seq: p.seq, issued: p.issued})
	}
	return found, nil
}

// place is where a live record stands in the orders.
type place struct {
	num    uint32
	seq    int64
	issued string
}

// places looks up where live records stand.
func (s *Store) places(ctx context.Context, nums []uint32) ([]place, error) {
	list := make([]place, 0, len(nums))
	for part := range slices.Chunk(nums, 500) {
		rows, err := s.read.QueryContext(ctx, `SELECT num, seq, issued FROM record WHERE visible = 1 AND num IN (`+placeholders(1, len(part))+`)`, anys(part)...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var p place
			if err := rows.Scan(&p.num, &p.seq, &p.issued); err != nil {
				return nil, err
			}
			list = append(list, p)
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
