package portal

import (
	"cmp"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"
)

// Waker makes a source due because it announced a change. It returns when the source will
// be visited, zero when it must not be, and whether it harvests that source at all.
type Waker interface {
	Wake(source string) (due time.Time, ok bool)
}

// How many announcements are taken, from all the world together, and how long one may be.
const (
	pingEvery   = time.Second
	pingBurst   = 60
	maxPing     = 8 << 10
	maxPingURL  = 2048
	retryPingIn = 10 * time.Second
)

func newPingLimit() *rate.Limiter { return rate.NewLimiter(rate.Every(pingEvery), pingBurst) }

// pingQuery is an announcement in the way of the old sitemap pings.
type pingQuery struct {
	URL     string `query:"url" maxLength:"2048" doc:"Address of a sitemap, feed or page that changed."`
	Sitemap string `query:"sitemap" maxLength:"2048" doc:"The same, under its old name."`
}

// pingInput is an announcement as a form or as JSON.
type pingInput struct {
	URL     string `query:"url" maxLength:"2048" doc:"Address of a sitemap, feed or page that changed, when there is no body."`
	Type    string `header:"Content-Type" hidden:"true"`
	RawBody []byte `contentType:"application/x-www-form-urlencoded"`
}

// pingDoc says which source was woken.
type pingDoc struct {
	Source string      `json:"source" doc:"Id of the source that the address belongs to."`
	Due    time.Time   `json:"due,omitzero" doc:"When it is visited; absent when visits to it are paused."`
	Others []pingOther `json:"others,omitempty" nullable:"false" doc:"Other sources that the address belongs to as well."`
}

type pingOther struct {
	Source string    `json:"source"`
	Due    time.Time `json:"due,omitzero"`
}

// registerPing puts the announcements on the API: the one thing that it does not only read.
func (p *Portal) registerPing(api huma.API) {
	const path = "/ping"
	describe := huma.Operation{
		Path: apiPrefix + path, DefaultStatus: http.StatusAccepted, MaxBodyBytes: maxPing,
		Description: "For publishers: says that something of a known source changed, so that the hub comes soon, at most every ten minutes. " +
			"Nothing is fetched from the address itself, and nothing is kept of who asked.",
		Errors: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusTooManyRequests,
			http.StatusInternalServerError, http.StatusServiceUnavailable,
		},
	}
	asked := describe
	asked.Method, asked.OperationID, asked.Summary = http.MethodGet, "ping-source-by-get", "Announce a change, as sitemaps used to be announced"
	huma.Register(api, asked, answered(p, path, func(_ context.Context, in *pingQuery) (*answer[pingDoc], error) {
		return p.ping(cmp.Or(in.URL, in.Sitemap))
	}))
	posted := describe
	posted.Method, posted.OperationID, posted.Summary = http.MethodPost, "ping-source", "Announce a change"
	huma.Register(api, posted, answered(p, path, func(_ context.Context, in *pingInput) (*answer[pingDoc], error) {
		address, err := in.address()
		if err != nil {
			return nil, err
		}
		return p.ping(address)
	}))
	// The library reads the body as bytes and would document it so.
	form := &huma.Schema{Type: huma.TypeObject, Required: []string{"url"}, Properties: map[string]*huma.Schema{
		"url": {Type: huma.TypeString, Format: "uri", MaxLength: new(maxPingURL), Description: "Address of a sitemap, feed or page that changed."},
	}}
	api.OpenAPI().Paths[apiPrefix+path].Post.RequestBody = &huma.RequestBody{
		Content: map[string]*huma.MediaType{"application/x-www-form-urlencoded": {Schema: form}, "application/json": {Schema: form}},
	}
}

// address finds the address in the body, or in the query when there is no body.
func (in *pingInput) address() (string, error) {
	if len(in.RawBody) == 0 {
		return in.URL, nil
	}
	media, _, err := mime.ParseMediaType(in.Type)
	if err != nil && in.Type != "" {
		return "", &problem{http.StatusBadRequest, "The Content-Type cannot be read; send a form or JSON.", nil}
	}
	if media == "application/json" {
		var body struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(in.RawBody, &body) != nil {
			return "", &problem{http.StatusBadRequest, `The body is no JSON such as {"url": "https://…"}.`, nil}
		}
		return body.URL, nil
	}
	form, err := url.ParseQuery(string(in.RawBody))
	if err != nil {
		return "", &problem{http.StatusBadRequest, "The body is no form such as url=https%3A%2F%2F…", nil}
	}
	return cmp.Or(form.Get("url"), form.Get("sitemap")), nil
}

// ping wakes the sources that an address belongs to. The address is compared and forgotten.
func (p *Portal) ping(address string) (*answer[pingDoc], error) {
	switch {
	case p.o.Waker == nil:
		return nil, &problem{http.StatusServiceUnavailable, "This hub visits no sources by itself; nothing was woken.", nil}
	case !p.pings.AllowN(p.o.Now(), 1):
		err := huma.NewError(http.StatusTooManyRequests, "Too many announcements at once; please say it again in a while.")
		return nil, huma.ErrorWithHeaders(err, http.Header{"Retry-After": {strconv.Itoa(int(retryPingIn / time.Second))}})
	case address == "" || len(address) > maxPingURL:
		return nil, &problem{http.StatusBadRequest, "Send the address of the sitemap, feed or page that changed as url.", nil}
	}
	var doc pingDoc
	for _, id := range sourcesOf(p.o.Sources, address) {
		due, ok := p.o.Waker.Wake(id)
		switch {
		case !ok: // it is configured, but this process does not harvest it
		case doc.Source == "":
			doc.Source, doc.Due = id, due
		default:
			doc.Others = append(doc.Others, pingOther{id, due})
		}
	}
	if doc.Source == "" {
		return nil, &problem{http.StatusNotFound, "There is no source of that address.", nil}
	}
	return &answer[pingDoc]{doc}, nil
}

// sourcesOf returns the enabled sources that an address belongs to: the one that it is the
// very address of, else those of its host, and among these the ones that share most of its
// path.
func sourcesOf(sources []SourceInfo, address string) []string {
	asked, ok := readPlace(address)
	if !ok {
		return nil
	}
	best, found := -1, []string(nil)
	for _, s := range sources {
		if !s.Enabled {
			continue
		}
		score := max(asked.near(s.URL), asked.near(s.Home))
		if score < 0 || score < best {
			continue
		}
		if score > best {
			best, found = score, nil
		}
		found = append(found, s.ID)
	}
	slices.Sort(found)
	return found
}

// place is an address in comparable form.
type place struct {
	host  string
	path  []string
	query string
}

func readPlace(address string) (place, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return place{}, false
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	return place{host, strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' }), u.RawQuery}, true
}

// near says how much two addresses share: -1 nothing, then the parts of the path, and more
// than any number of these when they are the same.
func (p place) near(address string) int {
	other, ok := readPlace(address)
	if !ok || other.host != p.host {
		return -1
	}
	if p.query == other.query && slices.Equal(p.path, other.path) {
		return maxPingURL
	}
	n := 0
	for n < min(len(p.path), len(other.path)) && p.path[n] == other.path[n] {
		n++
	}
	return n
}
