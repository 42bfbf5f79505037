package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
)

// secret is the key of an API and all the ways in which an answer may repeat it.
type secret struct {
	key   string
	where harvester.APIKey
	forms []string
}

// A key of less than this is too likely to be part of an honest text to be looked for.
const shortestKey = 6

func newSecret(where harvester.APIKey, key string) secret {
	s := secret{key: strings.TrimSpace(key), where: where}
	if len(s.key) < shortestKey {
		return s
	}
	s.forms = []string{s.key, url.QueryEscape(s.key), url.PathEscape(s.key), strings.ReplaceAll(s.key, "/", `\/`)}
	if b, err := json.Marshal(s.key); err == nil {
		s.forms = append(s.forms, strings.Trim(string(b), `"`))
	}
	return s
}

// put adds the key to a request.
func (s secret) put(r *fetch.Request) error {
	switch {
	case s.where.Header != "":
		r.Header = map[string]string{s.where.Header: s.where.Prefix + s.key}
	case s.where.Query != "":
		u, err := url.Parse(r.URL)
		if err != nil {
			return fmt.Errorf("reading the address: %w", err)
		}
		q := u.Query()
		q.Set(s.where.Query, s.key)
		u.RawQuery = q.Encode()
		r.URL = u.String()
	}
	return nil
}

// clean takes the key out of a text.
func (s secret) clean(text string) string {
	for _, form := range s.forms {
		text = strings.ReplaceAll(text, form, "…")
	}
	return text
}

// cleanBody takes the key out of an answer: some APIs repeat the address they were asked at.
func (s secret) cleanBody(body []byte) []byte {
	for _, form := range s.forms {
		if bytes.Contains(body, []byte(form)) {
			body = bytes.ReplaceAll(body, []byte(form), []byte("…"))
		}
	}
	return body
}

// cleanError is an error whose text does not tell the key.
type cleanError struct {
	text string
	err  error
}

func (e *cleanError) Error() string { return e.text }
func (e *cleanError) Unwrap() error { return e.err }

// explain turns an error of a request into one that tells what the API itself says, and
// no key.
func (r *run) explain(err error) error {
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	var status *fetch.StatusError
	var blocked *fetch.BlockedError
	said := ""
	switch {
	case errors.As(err, &blocked):
		safe := *blocked
		safe.URL = r.secret.clean(safe.URL)
		err = &safe
	case errors.As(err, &status):
		safe := *status
		safe.URL, safe.Body = r.secret.clean(safe.URL), r.secret.cleanBody(safe.Body)
		if doc, _, readErr := values(safe.Body); readErr == nil && len(doc) > 0 {
			if said = message(doc[0]); said != "" {
				said = ": the API says: " + said
			}
		}
		err = &safe
	default:
		err = &cleanError{r.secret.clean(err.Error()), err}
	}
	return fmt.Errorf("asking the API: %w%s", err, said)
}

// message is what an API says of an error, in the places where they usually do.
func message(doc any) string {
	for _, path := range []string{"error.message", "error_description", "error", "errors.message", "errors.detail", "errors", "message", "detail"} {
		if s := text(doc, path); s != "" {
			return shorten(s)
		}
	}
	return ""
}

// shorten keeps a foreign message from filling the log.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}
