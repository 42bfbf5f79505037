package wordpress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ctiphub/internal/fetch"
)

// answer is one answer of the API.
type answer struct {
	*fetch.Response
	body  []byte // the JSON alone
	total int    // X-WP-Total, -1 where a proxy drops it
}

// apiError is a refusal in the API's own words.
type apiError struct {
	status int
	code   string // "rest_post_invalid_page_number"
	err    error
}

func (e *apiError) Error() string { return fmt.Sprintf("%v (%s)", e.err, e.code) }
func (e *apiError) Unwrap() error { return e.err }

// errNoAPI says that something else than the API answered.
var errNoAPI = errors.New("the answer is not that of the WordPress API")

// endpoint writes the address of a route of the API. Sites without "pretty permalinks"
// take the route as a parameter.
func endpoint(root, route string, params url.Values) string {
	u, sep := strings.TrimSuffix(root, "/")+"/"+route, "?"
	if strings.Contains(root, "rest_route=") {
		sep = "&"
	}
	if len(params) == 0 {
		return u
	}
	return u + sep + encode(params)
}

// encode writes parameters as they are read best in a log: commas stay.
func encode(params url.Values) string { return strings.ReplaceAll(params.Encode(), "%2C", ",") }

// request is what every request of the run has in common.
func (r *run) request(address string) fetch.Request {
	return fetch.Request{URL: address, Accept: "application/json, */*;q=0.1", Politeness: r.src.Politeness, Account: r.src.ID}
}

// ask sends a request to the API. What stands before the JSON, warnings of PHP above all,
// is cut off; anything else than JSON is errNoAPI.
func (r *run) ask(req fetch.Request) (answer, error) {
	resp, err := r.get.Get(r.ctx, req)
	var status *fetch.StatusError
	if errors.As(err, &status) {
		var refusal struct{ Code string }
		if body, ok := cutJSON(status.Body); ok && json.Unmarshal(body, &refusal) == nil && refusal.Code != "" {
			return answer{}, &apiError{status.Status, plainCode(refusal.Code), err}
		}
	}
	if err != nil {
		return answer{}, err
	}
	a := answer{Response: resp, total: -1}
	if n, err := strconv.Atoi(resp.Header.Get("X-WP-Total")); err == nil && n >= 0 {
		a.total = n
	}
	if resp.NotModified {
		return a, nil
	}
	body, ok := cutJSON(resp.Body)
	if !ok {
		what := "it is no JSON"
		if looksLikeHTML(resp.Body) {
			what = "it is a web page"
		}
		return answer{}, fmt.Errorf("%w: %s (status %d from %s)", errNoAPI, what, resp.Status, resp.URL)
	}
	if len(body) < len(bytes.TrimSpace(bytes.TrimPrefix(resp.Body, bom))) {
		r.note("json-not-alone", "The API's answers have other text around the JSON, as when PHP prints its warnings: switch display_errors off on the server.")
	}
	var refusal struct {
		Code string          `json:"code"`
		Data json.RawMessage `json:"data"`
		ID   *int64          `json:"id"`
	}
	// Some firewalls and plugins send the API's errors with status 200.
	if body[0] == '{' && json.Unmarshal(body, &refusal) == nil && strings.HasPrefix(refusal.Code, "rest_") && refusal.ID == nil {
		return answer{}, &apiError{http.StatusForbidden, plainCode(refusal.Code), fmt.Errorf("%s answered with an error", resp.URL)}
	}
	a.body = body
	return a, nil
}

var bom = []byte("\xef\xbb\xbf")

// cutJSON finds the JSON in an answer: all of it, or what begins at one of the first places
// where an object or array could.
func cutJSON(body []byte) ([]byte, bool) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, bom))
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') && json.Valid(body) {
		return body, true
	}
	const tries = 20
	for at, n := 0, 0; n < tries; n++ {
		i := bytes.IndexAny(body[at:], "{[")
		if i < 0 {
			return nil, false
		}
		at += i
		var raw json.RawMessage
		if err := json.NewDecoder(bytes.NewReader(body[at:])).Decode(&raw); err == nil && (raw[0] == '{' || len(raw) == 2 || bytes.HasPrefix(bytes.TrimSpace(raw[1:]), []byte("{"))) {
			return raw, true
		}
		at++
	}
	return nil, false
}

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 1<<10)]))
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")) || bytes.Contains(head, []byte("<body"))
}

// plainCode keeps of a foreign code what a code consists of.
func plainCode(s string) string {
	s = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' {
			return c
		}
		return -1
	}, s)
	return s[:min(len(s), 60)]
}

// statusOf returns the HTTP status of a refusal, 0 when there is none.
func statusOf(err error) int {
	var refused *apiError
	var status *fetch.StatusError
	switch {
	case errors.As(err, &refused):
		return refused.status
	case errors.As(err, &status):
		return status.Status
	}
	return 0
}

// code returns the API's own code of a refusal.
func code(err error) string {
	var refused *apiError
	if errors.As(err, &refused) {
		return refused.code
	}
	return ""
}
