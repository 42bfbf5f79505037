package oaipmh

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
	"ctiphub/internal/replay"
)

// TestRealLists harvests each real list as if it were a repository of that one page:
// every record listed is a raw or a reject, and what is no list is an error.
func TestRealLists(t *testing.T) {
	dir, ok := replay.Shared(t, "oai")
	if !ok {
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.xml"))
	lists, refused := 0, 0
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		a, parseErr := oai.Parse(body, "text/xml")
		t.Run(filepath.Base(name), func(t *testing.T) {
			get := getFunc(func(r fetch.Request) (*fetch.Response, error) {
				u, _ := url.Parse(r.URL)
				q := u.Query()
				switch {
				case q.Get("verb") != "ListRecords":
					return &fetch.Response{URL: r.URL, Status: 200, Body: []byte(wrap("<error code='badVerb'/>"))}, nil
				case q.Has("resumptionToken"):
					if q.Get("resumptionToken") != a.Token.Value {
						t.Errorf("token %q, want %q", q.Get("resumptionToken"), a.Token.Value)
					}
					return &fetch.Response{URL: r.URL, Status: 200, Body: []byte(wrap("<error code='noRecordsMatch'/>"))}, nil
				}
				return &fetch.Response{URL: r.URL, Status: 200, Body: body}, nil
			})
			listed, complete := 0, false
			var failed error
			for page, err := range New(get, time.Now).Pages(t.Context(), harvester.Source{ID: "x", URL: "http://x.example/oai"}, harvester.From{}) {
				if failed = err; err != nil {
					break
				}
				listed += len(page.Raws) + len(page.Rejects)
				complete = page.Complete
			}
			usable := parseErr == nil && (a.Verb == "ListRecords" || a.Verb == "GetRecord" || (len(a.Errors) > 0 && a.Errors[0].Code == oai.NoRecordsMatch))
			if !usable {
				if refused++; failed == nil {
					t.Errorf("no error for %v", parseErr)
				}
				return
			}
			lists++
			if failed != nil || !complete || listed > len(a.Records) || (listed == 0) != (len(a.Records) == 0) {
				t.Errorf("%d of %d records, complete %v, error %v", listed, len(a.Records), complete, failed)
			}
		})
	}
	t.Logf("%d lists harvested to their end, %d answers that are none refused", lists, refused)
}

// TestRecordedExchanges reads recorded answers of a live repository, its failures included.
func TestRecordedExchanges(t *testing.T) {
	dir, ok := replay.Shared(t, "oai-http")
	if !ok {
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
	answers, none := 0, 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tape struct {
			Interactions []struct {
				Request  struct{ URI string }
				Response struct {
					Body   struct{ String string }
					Status struct{ Code int }
				}
			}
		}
		if err := yaml.Unmarshal(b, &tape); err != nil || len(tape.Interactions) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, i := range tape.Interactions {
			a, err := oai.Parse([]byte(i.Response.Body.String), "text/xml;charset=UTF-8")
			if (i.Response.Status.Code == 200) != (err == nil) || (err != nil && !errors.Is(err, oai.ErrNotOAI)) {
				t.Errorf("%s: status %d: %v", i.Request.URI, i.Response.Status.Code, err)
			}
			if err == nil && len(a.Records) == 0 && len(a.Errors) == 0 {
				t.Errorf("%s: neither records nor errors", i.Request.URI)
			}
			if err == nil {
				answers++
			} else {
				none++
			}
		}
	}
	t.Logf("%d answers read, %d pages that are none told apart", answers, none)
	if answers == 0 || none == 0 {
		t.Error("the recordings hold both")
	}
}
