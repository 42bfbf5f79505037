package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ctiphub/internal/fetch"
)

// request makes the request for the page at hand, and its address without the key.
func (r *run) request() (at string, asked fetch.Request, err error) {
	if r.state.Requests++; r.state.Requests > maxRequests {
		return "", asked, fmt.Errorf("giving up after %d requests: the list does not end", maxRequests)
	}
	if at = r.state.Next; at == "" {
		if at, err = r.address(); err != nil {
			return "", asked, err
		}
	}
	asked = fetch.Request{URL: at, Accept: accept(r.recipe.Media), Politeness: r.src.Politeness, Account: r.src.ID, Method: r.recipe.Method}
	if body := r.template(); body != "" {
		asked.Body, asked.Type = []byte(r.fill(body, quoted)), "application/json"
	}
	return at, asked, r.secret.put(&asked)
}

// ask fetches one JSON document beside the list.
func (r *run) ask(address string) (any, error) {
	asked := fetch.Request{URL: address, Accept: accept(""), Politeness: r.src.Politeness, Account: r.src.ID}
	if err := r.secret.put(&asked); err != nil {
		return nil, err
	}
	resp, err := r.o.Get.Get(r.ctx, asked)
	if err != nil {
		return nil, r.explain(err)
	}
	body := decode(r.secret.cleanBody(resp.Body), resp.MediaType)
	if err = refuse(body, resp.MediaType); err == nil {
		var list []any
		if list, _, err = value(body); err == nil {
			return list[0], nil
		}
	}
	return nil, fmt.Errorf("reading what %s answers: %w", address, err)
}

func accept(media string) string {
	switch media {
	case "csv":
		return "text/csv, text/plain;q=0.8, */*;q=0.1"
	case "ndjson":
		return "application/x-ndjson, application/json;q=0.8, */*;q=0.1"
	}
	return "application/json, */*;q=0.1"
}

// template is the body of a POST.
func (r *run) template() string {
	if !r.state.Since.IsZero() && r.recipe.SinceBody != "" {
		return r.recipe.SinceBody
	}
	return r.recipe.Body
}

// address is that of the page at hand, from the recipe's parameters.
func (r *run) address() (string, error) {
	u, err := url.Parse(r.fill(r.src.URL, url.PathEscape))
	if err != nil {
		return "", fmt.Errorf("reading the source's url: %w", err)
	}
	q := u.Query()
	for name, value := range r.recipe.Query {
		q.Set(name, r.fill(value, plain))
	}
	if !r.state.Since.IsZero() {
		for name, value := range r.recipe.Since {
			if value == "" {
				q.Del(name) // what only the full list is asked for with
				continue
			}
			q.Set(name, r.fill(value, plain))
		}
	}
	p := r.recipe.Paging
	said := r.src.URL + r.template() // where the page may be named already
	if p.Limit != "" && !strings.Contains(said, "{limit}") {
		q.Set(p.Limit, strconv.Itoa(p.Size))
	}
	if strings.Contains(said, "{"+p.By+"}") {
		p.By = ""
	}
	switch p.By {
	case "page":
		q.Set(cmp.Or(p.Param, "page"), strconv.Itoa(r.state.Page))
	case "offset":
		q.Set(cmp.Or(p.Param, "offset"), strconv.Itoa(r.state.Listed))
	case "cursor":
		if r.state.Mark != "" {
			q.Set(cmp.Or(p.Param, "cursor"), r.state.Mark)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func plain(s string) string { return s }

// quoted writes a text as it may stand within a JSON string.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // a text can always be written
	}
	return string(b[1 : len(b)-1])
}

var sinceForm = regexp.MustCompile(`\{since:([^{}]+)\}`)

// fill puts the state of the list into a text of the recipe. What a server gave is written
// so that it cannot change the text around it.
func (r *run) fill(s string, safe func(string) string) string {
	since := r.state.Since
	s = sinceForm.ReplaceAllStringFunc(s, func(m string) string {
		form := strings.NewReplacer("YYYY", "2006", "MM", "01", "DD", "02", "hh", "15", "mm", "04", "ss", "05").Replace(sinceForm.FindStringSubmatch(m)[1])
		return since.Format(form)
	})
	return strings.NewReplacer(
		"{limit}", strconv.Itoa(r.recipe.Paging.Size), "{offset}", strconv.Itoa(r.state.Listed), "{page}", strconv.Itoa(r.state.Page), "{cursor}", safe(r.state.Mark),
		"{since}", since.Format(time.RFC3339), "{date}", since.Format(time.DateOnly), "{unix}", strconv.FormatInt(since.Unix(), 10),
	).Replace(s)
}

// overlap is how much of the time before is asked for again. Where only a day can be said,
// it may be the day of another time zone.
func (r *run) overlap() time.Duration {
	texts := []string{r.recipe.SinceBody}
	for _, s := range r.recipe.Since {
		texts = append(texts, s)
	}
	for _, s := range texts {
		if m := sinceForm.FindStringSubmatch(s); strings.Contains(s, "{date}") || m != nil && !strings.Contains(m[1], "hh") {
			return dayOverlap
		}
	}
	return overlap
}

// follow makes the address of the next page absolute; another host is not followed, since
// a key would go there.
func (r *run) follow(next string) string {
	if next == "" {
		return ""
	}
	base, err := url.Parse(r.src.URL)
	if err != nil {
		return ""
	}
	u, err := base.Parse(next)
	if err != nil || u.Hostname() != base.Hostname() || u.Port() != base.Port() && u.Scheme == base.Scheme {
		r.note("next-elsewhere", "the next page is said to be on another host, which is not followed")
		r.state.Cut = true
		return ""
	}
	// Behind a proxy many APIs take themselves for unencrypted.
	u.Scheme, u.Host = base.Scheme, base.Host
	if k := r.recipe.Key; k.Query != "" {
		q := u.Query()
		q.Del(k.Query)
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// nextLink finds the next page in Link headers (RFC 8288).
func nextLink(h http.Header) string {
	for _, value := range h.Values("Link") {
		for value != "" {
			_, rest, found := strings.Cut(value, "<")
			address, after, closed := strings.Cut(rest, ">")
			if !found || !closed {
				break
			}
			params := after
			if i := strings.Index(after, "<"); i >= 0 {
				params = after[:i]
			}
			value = after
			for param := range strings.SplitSeq(params, ";") {
				name, rel, _ := strings.Cut(strings.Trim(param, " ,"), "=")
				for word := range strings.FieldsSeq(strings.Trim(rel, `"' `)) {
					if strings.EqualFold(strings.TrimSpace(name), "rel") && strings.EqualFold(word, "next") {
						return address
					}
				}
			}
		}
	}
	return ""
}
