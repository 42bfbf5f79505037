package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/internal/fetch"
	"ctiphub/internal/lang"
)

// answer is what the API said to one request.
type answer struct {
	at      string // its address without the key
	header  http.Header
	fetched time.Time
	status  int
	doc     any   // as a whole, for paths of totals and cursors
	items   []any // what is listed
	hash    uint64
	known   int  // items that the run had listed before
	again   bool // these are the items of the page before
}

// maxItems bounds the items of one answer. What has more is refused: half a list that
// passes for a whole one would have the rest removed.
const maxItems = 500_000

var (
	errHTML  = errors.New("the API answers with a web page in the place of data")
	errXML   = errors.New("the API answers with XML in the place of data; ask it for JSON in the url or in api.query")
	errItems = errors.New("the answer has no items where the recipe looks for them")
	errCut   = errors.New("the JSON breaks off before its end")
	errMany  = fmt.Errorf("the answer has more than %d items; ask for it in pages", maxItems)
)

// read takes the items out of an answer.
func (r *run) read(resp *fetch.Response, at string) (*answer, error) {
	body := decode(r.secret.cleanBody(resp.Body), resp.MediaType)
	a := &answer{at: at, header: resp.Header, fetched: resp.Fetched, status: resp.Status, hash: sum(string(body))}
	if a.fetched.IsZero() {
		a.fetched = r.o.Now()
	}
	if err := refuse(body, resp.MediaType); err != nil {
		return nil, err
	}
	var err error
	switch r.recipe.Media {
	case "csv":
		var odd bool
		if a.items, odd, err = rows(string(body), r.recipe.Delimiter); odd {
			r.note("csv-quotes", "a quotation mark of the CSV is not closed: rows may be missing")
			r.state.Short = true
		}
		a.doc = a.items
	case "ndjson":
		a.items, _, err = values(body)
		a.doc = a.items
	default:
		var all []any
		var rest []byte
		if all, rest, err = value(body); err != nil {
			return nil, err
		}
		if a.doc = all[0]; r.recipe.Error != "" && holds(a.doc, r.recipe.Error) {
			return nil, fmt.Errorf("the API reports an error: %s", orElse(message(a.doc), "without a message"))
		}
		if len(rest) > 0 {
			return nil, errors.New("something stands behind the JSON; is it one value a line (media: ndjson)?")
		}
		if a.items, err = found(a.doc, r.recipe.Items); err != nil && message(a.doc) != "" {
			err = fmt.Errorf("%w; the API says: %s", err, message(a.doc))
		}
	}
	switch {
	case err != nil:
		return nil, err
	case len(a.items) > maxItems:
		return nil, errMany
	}
	return a, r.nameless(a.items)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// nameless refuses a page of which no item has an identifier: then not the items are
// broken, but the API or the recipe.
func (r *run) nameless(items []any) error {
	if len(items) == 0 || slices.ContainsFunc(items, func(it any) bool { return r.identifier(it) != "" }) {
		return nil
	}
	return fmt.Errorf("none of %d items has an identifier at %s; they have %s", len(items), strings.Join(r.recipe.ID, " or "), names(items[0]))
}

// decode turns bytes into UTF-8.
func decode(body []byte, mediaType string) []byte {
	s, _, _ := lang.DecodeCharset(body, mediaType, "")
	return []byte(strings.TrimPrefix(s, "\ufeff"))
}

// refuse recognises what is no data at all.
func refuse(body []byte, mediaType string) error {
	head := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), 1024)], " \t\r\n"))
	html := slices.ContainsFunc([]string{"<!doctype", "<html", "<head", "<body", "<!--", "<br", "<div", "<p>"}, func(s string) bool { return bytes.HasPrefix(head, []byte(s)) })
	switch {
	case html || bytes.HasPrefix(head, []byte("<")) && strings.HasPrefix(mediaType, "text/html"):
		return errHTML
	case bytes.HasPrefix(head, []byte("<")):
		return errXML
	}
	return nil
}

// found returns the items of a document. A path that leads nowhere, or to anything but a
// list or one item, is an error: an API that changed must not look like one that is empty.
func found(doc any, path string) ([]any, error) {
	where := keys(path)
	v, listed := doc, false
	for i, k := range where {
		if _, listed = v.([]any); listed {
			break
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%w: there is nothing below %s", errItems, strings.TrimPrefix(place(where[:i]), "below "))
		}
		if v, ok = m[k]; !ok {
			return nil, fmt.Errorf("%w: %q is missing %s, which has %s", errItems, k, place(where[:i]), names(m))
		}
	}
	list, isList := v.([]any)
	_, isObject := v.(map[string]any)
	items := collect(doc, where, 0)
	switch {
	case isList && len(items) == 0 && len(list) > 0:
		return nil, fmt.Errorf("%w: the elements of the list do not have %q; they have %s", errItems, path, names(list))
	case isList, v == nil && len(where) > 0: // some write an empty list as null
		return items, nil
	case isObject && len(where) > 0: // and some a list of one without the list
		return items, nil
	}
	return nil, fmt.Errorf("%w: %s is no list, but %s", errItems, place(where), names(v))
}

// place names a part of a document.
func place(where []string) string {
	if len(where) == 0 {
		return "at the top"
	}
	return "below " + strconv.Quote(strings.Join(where, "."))
}

// value reads the one value of a document, and what stands behind it. A comment there is
// the mark of a cache.
func value(body []byte) (list []any, rest []byte, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, nil, broken(err, body)
	}
	rest = bytes.TrimSpace(body[dec.InputOffset():])
	if bytes.HasPrefix(rest, []byte("<!--")) {
		rest = nil
	}
	return []any{v}, rest, nil
}

// values reads JSON values one after the other.
func values(body []byte) (list []any, rest []byte, err error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimSpace(body)))
	dec.UseNumber()
	for len(list) <= maxItems {
		var v any
		switch err := dec.Decode(&v); {
		case errors.Is(err, io.EOF):
			return list, nil, nil
		case err != nil:
			return nil, nil, broken(err, body)
		}
		list = append(list, v)
	}
	return list, nil, nil
}

// broken says what is wrong with JSON without repeating it.
func broken(err error, body []byte) error {
	body = bytes.TrimRight(body, " \t\r\n")
	var syntax *json.SyntaxError
	switch {
	case len(body) == 0:
		return errors.New("the answer is empty")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.As(err, &syntax) && syntax.Offset > int64(len(body)):
		return errCut
	}
	return fmt.Errorf("reading the JSON: %w", err)
}

// rows reads CSV: each row as an object with the keys of the first one. odd reports a
// quotation mark without its partner, which may swallow what follows.
func rows(s, delimiter string) (list []any, odd bool, err error) {
	r := csv.NewReader(strings.NewReader(s))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, comma(s, delimiter)
	odd = strings.Count(s, `"`)%2 == 1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, false, errors.New("the CSV is empty: not even the names of the columns are there")
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading the CSV: %w", err)
	}
	columns := columnNames(head)
	for len(list) <= maxItems {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, odd, fmt.Errorf("reading the CSV: %w", err)
		}
		row := map[string]any{}
		for i, c := range cells[:min(len(cells), len(columns))] {
			if c = strings.TrimSpace(c); c != "" {
				row[columns[i]] = c
			}
		}
		if len(row) > 0 {
			list = append(list, row)
		}
	}
	return list, odd, nil
}

// columnNames makes the names of columns unique and none of them empty.
func columnNames(head []string) []string {
	var columns []string
	for i, name := range head {
		if name = strings.TrimSpace(name); name == "" || slices.Contains(columns, name) {
			name = strings.TrimSpace(name + " " + strconv.Itoa(i+1))
		}
		columns = append(columns, name)
	}
	return columns
}

// comma is what stands between the cells: as configured, else what the first line has most.
func comma(s, delimiter string) rune {
	if delimiter != "" {
		return []rune(delimiter)[0]
	}
	line, _, _ := strings.Cut(s, "\n")
	best := ','
	for _, c := range ";\t|" {
		if strings.Count(line, string(c)) > strings.Count(line, string(best)) {
			best = c
		}
	}
	return best
}
