package catalog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// ErrCursor is returned for a cursor that does not belong to the query.
var ErrCursor = errors.New("the cursor does not belong to this query: begin again without it")

// Limits of Query.Limit.
const (
	defaultPage = 20
	largestPage = 100
)

// Place is where a page of results ended. A number of results alone would not do: records
// come and go while a reader pages, and what was shown would come again or be left out.
type Place struct {
	At     int    // how many results lie before the next page
	Seq    int64  // of the last result
	Issued string // its date of issue, for the order that goes by it
}

// Page fills in what a query leaves open and reads its cursor: where the page before
// ended, zero for the first page.
func Page(q Query) (Query, Place, error) {
	if q.Limit <= 0 {
		q.Limit = defaultPage
	}
	q.Limit = min(q.Limit, largestPage)
	if q.Sort == "" {
		q.Sort = ByRelevance
	}
	if q.Cursor == "" {
		return q, Place{}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	parts := strings.SplitN(string(text), ".", 4)
	if err != nil || len(parts) != 4 {
		return q, Place{}, ErrCursor
	}
	at, err := strconv.Atoi(parts[1])
	if err != nil || at < 1 {
		return q, Place{}, ErrCursor
	}
	seq, err := strconv.ParseInt(parts[2], 10, 64)
	p := Place{At: at, Seq: seq, Issued: parts[3]}
	if err != nil || seq < 1 || parts[0] != fingerprint(q, p) {
		return q, Place{}, ErrCursor
	}
	return q, p, nil
}

// NextCursor writes the cursor of the page behind a place.
func NextCursor(q Query, p Place) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s.%d.%d.%s", fingerprint(q, p), p.At, p.Seq, p.Issued))
}

// fingerprint tells one query and place from another.
func fingerprint(q Query, p Place) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%q %q %d %d %q", q.Text, q.Sort, p.At, p.Seq, p.Issued)
	for _, f := range Filters() {
		fmt.Fprintf(h, " %q", slices.Sorted(slices.Values(q.Filters[f])))
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
