package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/exporter"
	"ctiphub/exporter/feed"
	"ctiphub/record"
)

// feedForm is one form in which a search can be followed.
type feedForm struct {
	File string
	Name string // as readers see it
	Type string // media type without charset
	make func(feed.Facts) feed.Format
}

// feedForms lists them, the one that most readers know first.
func feedForms() []feedForm {
	return []feedForm{
		{"atom.xml", "Atom", feed.AtomType, feed.Atom},
		{"rss.xml", "RSS", feed.RSSType, feed.RSS},
		{"feed.json", "JSON Feed", feed.JSONType, feed.JSON},
	}
}

// feedLength is how many records one document of a feed holds.
const feedLength = 50

// feedCache lets an app that asks often be answered by itself. What stands between the
// reader and the hub must not keep it: the address holds the words of a search.
const feedCache = "private, max-age=300"

// mountFeeds puts the feeds on the mux. They change when the catalogue does and are asked
// for over and over: most answers are that nothing is new.
func (p *Portal) mountFeeds(mux *http.ServeMux) {
	mux.Handle("GET /feeds/{file}", conditional(p.adapt(p.feed)))
	mux.HandleFunc("OPTIONS /feeds/", preflight)
}

// feed answers with one document of the feed of a query.
func (p *Portal) feed(w http.ResponseWriter, r *http.Request) error {
	for _, form := range feedForms() {
		if form.File == r.PathValue("file") {
			return p.sendFeed(w, r, form)
		}
	}
	return &problem{http.StatusNotFound, "There is no feed of this form; there are atom.xml, rss.xml and feed.json.", nil}
}

func (p *Portal) sendFeed(w http.ResponseWriter, r *http.Request, form feedForm) error {
	q := feedQuery(readQuery(r.URL.Query()))
	res, err := p.o.Store.Search(r.Context(), q)
	if err != nil {
		return fmt.Errorf("searching for a feed: %w", err)
	}
	format := form.make(p.feedFacts(p.base(r), form, q, res))
	var b bytes.Buffer
	if err := format.Encode(r.Context(), &b, hitRecords(res.Hits)); err != nil {
		return fmt.Errorf("writing a feed: %w", err)
	}
	exporter.Served(r.Context(), form.File, 0, 0, len(res.Hits)) // no stretch of the change log
	h := w.Header()
	h.Set("Content-Type", format.MediaType())
	h.Set("Cache-Control", feedCache)
	if changed := newest(res.Hits); !changed.IsZero() {
		h.Set("Last-Modified", changed.UTC().Format(http.TimeFormat))
	}
	_, _ = w.Write(b.Bytes()) // only a client that went away can make this fail
	return nil
}

// feedQuery is the query that a feed asks, whatever order the page has.
func feedQuery(q catalog.Query) catalog.Query {
	q.Sort, q.Limit = catalog.ByNewest, feedLength
	return q
}

// feedFacts is what the feed of a query says of itself.
func (p *Portal) feedFacts(base string, form feedForm, q catalog.Query, res catalog.Result) feed.Facts {
	first, next := q, q
	first.Cursor, next.Cursor = "", res.Next
	f := feed.Facts{
		ID: feed.FeedID(p.o.RepositoryID, feedKey(q)), Title: p.feedTitle(q), Updated: newest(res.Hits),
		Self: base + feedURL(form.File, q), HTML: base + searchURL(first), Author: p.o.Name, Home: base + "/", Authority: p.o.RepositoryID,
		Page:     func(id record.ID) string { return base + resourceURL(id) },
		Label:    func(scheme, id string) string { return p.o.Vocabulary.Label(scheme, id, "en") },
		Complete: q.Cursor == "" && res.Next == "",
	}
	if !f.Complete {
		f.First = base + feedURL(form.File, first)
	}
	if res.Next != "" {
		f.Next = base + feedURL(form.File, next)
	}
	return f
}

// feedURL is the address of a query's feed. It names no order: a feed has but one.
func feedURL(file string, q catalog.Query) string {
	q.Sort = ""
	return "/feeds/" + file + strings.TrimPrefix(searchURL(q), "/search")
}

// feedKey tells the feeds of queries apart without showing what was searched for.
func feedKey(q catalog.Query) string {
	q.Cursor = ""
	sum := sha256.Sum256([]byte(strings.TrimPrefix(feedURL("", q), "/feeds/")))
	return hex.EncodeToString(sum[:10])
}

// hitRecords are the records of hits, as formats take them.
func hitRecords(hits []catalog.Hit) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for _, h := range hits {
			rec := h.Entry.Record
			// The order is that of the change log, which counts corrections and links too.
			rec.Harvest.LastChanged = h.Entry.Stamp
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// newest is when the first of the hits changed last.
func newest(hits []catalog.Hit) time.Time {
	var t time.Time
	for _, h := range hits {
		if h.Entry.Stamp.After(t) {
			t = h.Entry.Stamp
		}
	}
	return t
}
