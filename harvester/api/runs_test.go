package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
)

var monday = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

// serve returns a source whose list is made by a function.
func serve(t *testing.T, list http.HandlerFunc, recipe harvester.APIRecipe) harvester.Source {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/list", list)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return harvester.Source{ID: "test", Kind: harvester.KindAPI, URL: server.URL + "/list", Politeness: fetch.Politeness{MinDelay: fetch.Duration(time.Millisecond)}, API: recipe}
}

// cursor is where the last page of a run left off.
func cursor(r harvestertest.Result) harvester.Cursor { return r.Pages[len(r.Pages)-1].Cursor }

// TestKeyEchoed: an API that repeats the key in items, errors and addresses does not make
// the hub keep or tell it.
func TestKeyEchoed(t *testing.T) {
	for name, k := range map[string]harvester.APIKey{
		"query":  {Env: "HUB_KEY_AGENCY", Query: "apikey"},
		"header": {Env: "HUB_KEY_AGENCY", Header: "X-Key"},
	} {
		asked := 0
		src := serve(t, func(w http.ResponseWriter, q *http.Request) {
			sent := q.URL.Query().Get("apikey") + q.Header.Get("X-Key")
			switch asked++; {
			case sent != key("HUB_KEY_AGENCY"):
				t.Errorf("%s: request %d has the key %q", name, asked, sent)
			case asked == 1:
				fmt.Fprintf(w, `{"items": [{"id": "a", "self": %q, "used": %q}], "next": "/list?page=2&%s"}`, "/x?"+q.URL.RawQuery, sent, q.URL.RawQuery)
			case asked == 2:
				fmt.Fprintf(w, `{"ok": false, "error": "the key %s is used up"}`, sent)
			default:
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprintf(w, `{"error": "no such key: %s"}`, sent)
			}
		}, harvester.APIRecipe{Items: "items", ID: []string{"id"}, Error: "ok=false", Paging: harvester.APIPaging{By: "next", Path: "next"}, Key: k})
		first := visit(t, src, harvester.From{}, monday)
		second := visit(t, src, harvester.From{}, monday)
		left := fmt.Sprint(first.Dump(), second.Dump(), first.Err, second.Err)
		if ids(first) != "a" || first.Err == nil || second.Err == nil || !strings.Contains(left, "is used up") || !strings.Contains(left, "no such key: …") {
			t.Fatalf("%s: got %s", name, left)
		}
		if strings.Contains(left, "s3cret") {
			t.Errorf("%s: the key is in %s", name, left)
		}
	}
}

// TestErrorsKeepTheirNature: taking the key out of an error does not hide what it is.
func TestErrorsKeepTheirNature(t *testing.T) {
	src := serve(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.WriteString(w, "["+strings.Repeat(`{"id": "a"},`, 1000)) // too large is noticed first
	}, harvester.APIRecipe{ID: []string{"id"}, Key: harvester.APIKey{Env: "HUB_KEY_AGENCY", Query: "apikey"}})
	src.Politeness.MaxBytes = 100
	r := visit(t, src, harvester.From{}, monday)
	if !strings.Contains(fmt.Sprint(r.Err), "asking the API") || !isTooLarge(r.Err) || strings.Contains(r.Err.Error(), "s3cret") {
		t.Errorf("got %v", r.Err)
	}
}

// pages serves three pages by cursor; refuse is a status for a cursor, 0 for none.
func pages(refuse *int, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		at := q.URL.Query().Get("cursor")
		*asked = append(*asked, q.URL.Query().Encode())
		if at != "" && *refuse != 0 {
			http.Error(w, "the cursor has expired", *refuse)
			return
		}
		next := map[string]string{"": "c2", "c2": "c3"}[at]
		fmt.Fprintf(w, `{"items": [{"id": "of%s"}], "next": %q}`, at, next)
	}
}

// TestResume: a list is gone on with where it was left, unless the API has forgotten it, or
// it is too long ago, or another list is wanted by now.
func TestResume(t *testing.T) {
	refuse, asked := 0, []string{}
	src := serve(t, pages(&refuse, &asked), harvester.APIRecipe{Items: "items", ID: []string{"id"}, Paging: harvester.APIPaging{By: "cursor", Path: "next"}})
	whole := visit(t, src, harvester.From{}, monday)
	if ids(whole) != "of ofc2 ofc3" {
		t.Fatalf("got %q (%v)", ids(whole), whole.Err)
	}
	left := harvester.From{Cursor: whole.Pages[0].Cursor}
	if r := visit(t, src, left, monday.Add(time.Hour)); ids(r) != "ofc2 ofc3" || !r.Pages[1].Complete {
		t.Errorf("an hour later: %q", ids(r))
	}
	if r := visit(t, src, left, monday.AddDate(0, 0, 5)); ids(r) != "of ofc2 ofc3" {
		t.Errorf("days later: %q", ids(r))
	}
	other := src
	other.API.Query = map[string]string{"topic": "law"}
	if r := visit(t, other, left, monday); ids(r) != "of ofc2 ofc3" {
		t.Errorf("with another query: %q", ids(r))
	}
	refuse = http.StatusGone
	if r := visit(t, src, left, monday.Add(time.Hour)); r.Err == nil || ids(r) != "of" || !strings.Contains(r.Dump(), "resume-refused") {
		t.Errorf("with a cursor that is refused for ever: %s", r.Dump())
	}
}

// TestCutIncrement: a run that could not read its list to the end does not move the time
// from which the next one asks.
func TestCutIncrement(t *testing.T) {
	cut := false
	var asked []string
	src := serve(t, func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q.URL.Query().Get("since"))
		next := ""
		if cut {
			next = "http://elsewhere.example/list"
		}
		fmt.Fprintf(w, `{"items": [{"id": "a"}], "next": %q}`, next)
	}, harvester.APIRecipe{Items: "items", ID: []string{"id"}, Since: map[string]string{"since": "{date}"}, Paging: harvester.APIPaging{By: "next", Path: "next"}})
	first := visit(t, src, harvester.From{}, monday)
	cut = true
	second := visit(t, src, harvester.From{Cursor: cursor(first)}, monday.AddDate(0, 0, 2))
	cut = false
	third := visit(t, src, harvester.From{Cursor: cursor(second)}, monday.AddDate(0, 0, 4))
	visit(t, src, harvester.From{Cursor: cursor(third)}, monday.AddDate(0, 0, 5))
	if got, want := strings.Join(asked, " "), " 2026-05-31 2026-05-31 2026-06-04"; got != want {
		t.Errorf("asked since %q, want %q", got, want)
	}
}

// TestParts: one large answer is handed on in parts, each of which can be resumed from; when
// the answer has changed by then, it is handed on from its beginning.
func TestParts(t *testing.T) {
	rows := 2500
	src := serve(t, func(w http.ResponseWriter, q *http.Request) {
		var b strings.Builder
		b.WriteString("id,title\n")
		for n := range rows {
			fmt.Fprintf(&b, "%d,Guide\n", n)
		}
		w.Header().Set("Content-Type", "text/csv")
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, rows))
		_, _ = io.WriteString(w, b.String())
	}, harvester.APIRecipe{Media: "csv", ID: []string{"id"}})
	count := func(r harvestertest.Result) string {
		text := ""
		for _, p := range r.Pages {
			text += fmt.Sprintf("%d ", len(p.Raws))
		}
		return fmt.Sprint(text, len(r.Pages) > 0 && r.Pages[len(r.Pages)-1].Complete, r.Err)
	}
	whole := visit(t, src, harvester.From{}, monday)
	if got := count(whole); got != "1000 1000 500 true <nil>" || len(whole.Pages[2].Validators) != 1 || len(whole.Pages[2].Validators[0].Identifiers) != rows {
		t.Fatalf("got %s", got)
	}
	rest := visit(t, src, harvester.From{Cursor: whole.Pages[0].Cursor}, monday)
	if got := count(rest); got != "1000 500 true <nil>" || rest.Pages[0].Raws[0].Identifier != "1000" || len(rest.Pages[1].Validators) != 0 {
		t.Errorf("resumed: %s", got)
	}
	rows = 2600
	if got := count(visit(t, src, harvester.From{Cursor: whole.Pages[0].Cursor}, monday)); got != "1000 1000 600 true <nil>" {
		t.Errorf("resumed, but changed: %s", got)
	}
}

// TestPostIsSafe: what a server gave as a cursor cannot change the body around it.
func TestPostIsSafe(t *testing.T) {
	var bodies []string
	src := serve(t, func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		bodies = append(bodies, string(b))
		next := ""
		if len(bodies) == 1 {
			next = `x", "all": "yes`
		}
		fmt.Fprintf(w, `{"items": [{"id": "%d"}], "next": %q}`, len(bodies), next)
	}, harvester.APIRecipe{Method: "POST", Body: `{"after": "{cursor}"}`, Items: "items", ID: []string{"id"}, Paging: harvester.APIPaging{By: "cursor", Path: "next"}})
	if r := visit(t, src, harvester.From{}, monday); ids(r) != "1 2" || r.Err != nil {
		t.Fatalf("got %q, %v", ids(r), r.Err)
	}
	if want := `{"after": "x\", \"all\": \"yes"}`; bodies[1] != want {
		t.Errorf("the second body is %s, want %s", bodies[1], want)
	}
}

// TestProxied: an API behind a proxy that names its next page unencrypted is asked for it
// as it was at first, so that no key travels in the clear.
func TestProxied(t *testing.T) {
	var asked []string
	get := getter(func(r fetch.Request) (*fetch.Response, error) {
		asked = append(asked, r.URL)
		body := `{"items": [{"id": "b"}]}`
		if len(asked) == 1 {
			body = `{"items": [{"id": "a"}], "next": "http://agency.example/list?page=2"}`
		}
		return &fetch.Response{URL: r.URL, Status: 200, Body: []byte(body), Fetched: monday}, nil
	})
	a := api.New(api.Options{Get: get, Now: func() time.Time { return monday }, Env: key})
	src := harvester.Source{ID: "test", Kind: harvester.KindAPI, URL: "https://agency.example/list", API: harvester.APIRecipe{Items: "items", ID: []string{"id"}, Paging: harvester.APIPaging{By: "next", Path: "next"}}}
	if r := harvestertest.Harvest(t, a, src, harvester.From{}); ids(r) != "a b" || asked[1] != "https://agency.example/list?page=2" {
		t.Errorf("got %q by %q", ids(r), asked)
	}
}
