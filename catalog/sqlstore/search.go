package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"ctiphub/catalog"
	"ctiphub/record"
)

// rankLimit is how many hits are ranked by how often and where the words stand in them:
// that costs some microseconds for each, and a reader of so many will narrow the query
// before going through them.
const rankLimit = 2000

// byTitle is the note of an answer in which only titles were weighed.
const byTitle = "ranked-by-title"

// Search answers one page of a query with facets.
func (s *Store) Search(ctx context.Context, q catalog.Query) (catalog.Result, error) {
	began := time.Now()
	defer func() { s.metrics.search.Observe(time.Since(began).Seconds()) }()
	q, behind, err := catalog.Page(q)
	if err != nil {
		return catalog.Result{}, err
	}
	res, err := s.answer(ctx, q, behind)
	if err != nil {
		return catalog.Result{}, fmt.Errorf("searching: %w", err)
	}
	return res, nil
}

func (s *Store) answer(ctx context.Context, q catalog.Query, behind catalog.Place) (res catalog.Result, err error) {
	hits, err := s.match(ctx, q.Text)
	if err != nil {
		return res, err
	}
	selected, counts := s.facets.Answer(hits, q.Filters)
	res.Total, res.Facets = int(selected.GetCardinality()), counts
	var found []scored
	want := wanted{of: selected, behind: behind, n: q.Limit + 1}
	switch {
	case res.Total == 0:
		return res, nil
	case q.Sort != catalog.ByRelevance || hits == nil:
		found, err = s.sorted(ctx, q.Sort, want)
	case res.Total <= rankLimit:
		found, err = s.ranked(ctx, q, allFields, want)
	default:
		res.Note = byTitle
		found, err = s.rankedByTitle(ctx, q, want)
	}
	if err != nil {
		return res, err
	}
	more := len(found) > q.Limit
	found = found[:min(len(found), q.Limit)]
	res.Hits, err = s.hits(ctx, found)
	if more && len(res.Hits) > 0 {
		res.Next = catalog.NextCursor(q, endOf(behind, found, res.Hits))
	}
	return res, err
}

// endOf says where a page ended. What was found along an order of the table has its place
// in it as it was then; of what was ranked, the last result that is still there marks it.
func endOf(begin catalog.Place, found []scored, hits []catalog.Hit) catalog.Place {
	last := found[len(found)-1]
	end := catalog.Place{At: begin.At + len(found), Seq: last.seq, Issued: last.issued}
	if end.Seq == 0 {
		end.Seq = hits[len(hits)-1].Entry.Seq
	}
	return end
}

// match returns the numbers of the records that contain the text; nil without a text.
func (s *Store) match(ctx context.Context, text string) (*roaring.Bitmap, error) {
	if err := s.follows(ctx); err != nil {
		return nil, err
	}
	expr := matchExpr(text, allFields)
	if expr == "" {
		if strings.TrimSpace(text) != "" {
			return roaring.New(), nil // nothing but punctuation is found nowhere
		}
		return nil, nil
	}
	return s.numbers(ctx, expr)
}

// numbers returns the records that an FTS5 expression finds. They come as one text: row by
// row they would take three times as long.
func (s *Store) numbers(ctx context.Context, expr string) (*roaring.Bitmap, error) {
	var text sql.NullString
	if err := s.read.QueryRowContext(ctx, `SELECT group_concat(rowid) FROM search WHERE search MATCH $1`, expr).Scan(&text); err != nil {
		return nil, err
	}
	found := roaring.New()
	nums := make([]uint32, 0, 1024)
	num, any := uint32(0), false
	for _, c := range []byte(text.String) {
		if c != ',' {
			num, any = num*10+uint32(c-'0'), true
			continue
		}
		if nums = append(nums, num); len(nums) == cap(nums) {
			found.AddMany(nums)
			nums = nums[:0]
		}
		num = 0
	}
	if any {
		nums = append(nums, num)
	}
	found.AddMany(nums)
	return found, nil
}

// The fields that a text is looked for in.
const (
	allFields = "{title body}"
	titleOnly = "{title}"
)

// matchExpr writes a text as an FTS5 expression: every group is a phrase, all groups
// must match. It is "" when the text has no token.
func matchExpr(text, fields string) string {
	var b strings.Builder
	for i, g := range catalog.Analyze(text) {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(`"` + strings.Join(g.Phrase(), " ") + `"`)
		if g.Open {
			b.WriteByte('*')
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return fields + " : (" + b.String() + ")"
}

// filterExpr writes filters as an FTS5 expression on the column of facet values, so that
// what they leave out need not be ranked. The bitmaps decide in the end.
func filterExpr(filters map[catalog.Facet][]string) string {
	var b strings.Builder
	for _, f := range catalog.Facets() {
		if len(filters[f]) == 0 {
			continue
		}
		b.WriteString(" AND {fac} : (")
		for i, v := range filters[f] {
			if i > 0 {
				b.WriteString(" OR ")
			}
			b.WriteString(`"` + facetToken(f, v) + `"`)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// hits reads the records of a page in its order.
func (s *Store) hits(ctx context.Context, found []scored) ([]catalog.Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	nums := make([]uint32, len(found))
	for i, f := range found {
		nums[i] = f.num
	}
	entries, err := s.liveEntries(ctx, nums)
	if err != nil {
		return nil, err
	}
	var list []catalog.Hit
	for _, f := range found {
		// One that is missing was withdrawn since it was found.
		if e, ok := entries[f.num]; ok {
			list = append(list, catalog.Hit{Entry: e, Score: f.score})
		}
	}
	return list, nil
}

// liveEntries reads the live records of these numbers, at most 500.
func (s *Store) liveEntries(ctx context.Context, nums []uint32) (map[uint32]record.Entry, error) {
	list, err := s.numbered(ctx, `SELECT `+entryColumns+` FROM record r JOIN content c ON c.num = r.num WHERE r.visible = 1 AND r.num IN (`+placeholders(1, len(nums))+`)`, anys(nums)...)
	entries := make(map[uint32]record.Entry, len(list))
	for _, n := range list {
		entries[n.num] = n.entry
	}
	return entries, err
}

func anys(nums []uint32) []any {
	args := make([]any, len(nums))
	for i, n := range nums {
		args[i] = n
	}
	return args
}

// searchText is what the index holds of a record's texts, as tokens.
func searchText(rec record.Record) (title, body string) {
	var t, b []byte
	for _, texts := range []record.Texts{rec.Title, rec.Alternative} {
		for _, l := range texts.Languages() {
			t = catalog.AppendTokens(t, texts[l])
		}
	}
	for _, l := range rec.Description.Languages() {
		b = catalog.AppendTokens(b, rec.Description[l])
	}
	for _, agents := range [][]record.Agent{rec.Publishers, rec.Creators} {
		for _, a := range agents {
			for _, l := range a.Name.Languages() {
				b = catalog.AppendTokens(b, a.Name[l])
			}
		}
	}
	for _, id := range rec.Identifiers {
		b = catalog.AppendTokens(b, id.Value)
	}
	return string(t), string(b)
}
