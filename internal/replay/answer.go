package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/tools/txtar"
)

// answer is one recorded answer, ready to send.
type answer struct {
	status int
	header http.Header
	body   []byte
	expect []string // what the archive says of how it is asked for
}

// expectations are what the line "> expect:" of a file may list.
var expectations = []string{"HEAD", "POST", "range", "conditional"}

// parseAnswer reads a file of an archive.
func parseAnswer(f txtar.File, base string) (answer, error) {
	a := answer{status: http.StatusOK, header: http.Header{}}
	directives := map[string]string{}
	body := f.Data
	for bytes.HasPrefix(body, []byte("> ")) {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		name, value, ok := strings.Cut(strings.TrimSpace(string(line[2:])), ":")
		if !ok {
			return a, fmt.Errorf("line %q is not of the form \"> Name: value\"", line)
		}
		body, value = rest, strings.ReplaceAll(strings.TrimSpace(value), "{{base}}", base)
		switch strings.ToLower(name) {
		case "expect":
			for _, e := range strings.Split(value, ",") {
				if e = strings.TrimSpace(e); !slices.Contains(expectations, e) {
					return a, fmt.Errorf("expectation %q is none of %s", e, strings.Join(expectations, ", "))
				}
				a.expect = append(a.expect, e)
			}
		case "status", "charset", "encoding":
			directives[strings.ToLower(name)] = value
		default:
			a.header.Add(name, value)
		}
	}
	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", mediaType(f.Name))
	}
	if s := directives["status"]; s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 200 || n > 599 {
			return a, fmt.Errorf("status %q is not a final HTTP status", s)
		}
		a.status = n
	}
	var err error
	a.body, err = encode(bytes.ReplaceAll(body, []byte("{{base}}"), []byte(base)), directives["charset"], directives["encoding"])
	return a, err
}

// encode turns the text of an archive into the bytes that are sent.
func encode(body []byte, label, encoding string) ([]byte, error) {
	if label != "" {
		enc, err := htmlindex.Get(label)
		if err != nil {
			return nil, fmt.Errorf("charset %q is not known", label)
		}
		b, err := enc.NewEncoder().Bytes(body)
		if err != nil {
			return nil, fmt.Errorf("writing as %s: %w", label, err)
		}
		body = b
	}
	switch encoding {
	case "":
		return body, nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(body)), ""))
		if err != nil {
			return nil, fmt.Errorf("reading base64: %w", err)
		}
		return b, nil
	case "gzip":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(body); err != nil {
			return nil, fmt.Errorf("compressing: %w", err)
		}
		if err := z.Close(); err != nil {
			return nil, fmt.Errorf("compressing: %w", err)
		}
		return b.Bytes(), nil
	}
	return nil, fmt.Errorf("encoding %q is none of base64, gzip", encoding)
}

// mediaType guesses from the path what a server would say.
func mediaType(name string) string {
	name, _, _ = strings.Cut(name, "?")
	switch ext := path.Ext(name); ext {
	case ".xml":
		return "application/xml"
	case ".gz":
		return "application/gzip"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".pdf", ".json", ".css":
		return mime.TypeByExtension(ext)
	}
	return "text/html; charset=utf-8"
}

// write sends the answer, or 304 when the client already has it.
func (a answer) write(w http.ResponseWriter, r *http.Request) Request {
	sent := Request{Status: a.status, Conditional: r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != ""}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status == http.StatusOK && a.unchanged(r) {
		sent.Status = http.StatusNotModified
		w.WriteHeader(sent.Status)
		return sent
	}
	body := a.body
	if first, ok := a.ranged(r); ok {
		sent.Status = http.StatusPartialContent
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", first-1, len(body)))
		body = body[:first]
	}
	w.WriteHeader(sent.Status)
	if r.Method == http.MethodHead {
		return sent
	}
	// A client that hangs up early is the test's business, not ours.
	sent.Bytes, _ = w.Write(body)
	return sent
}

// ranged returns how many bytes a request for the beginning gets. Other ranges are
// answered with everything, as every server may.
func (a answer) ranged(r *http.Request) (int, bool) {
	last, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes=0-")
	n, err := strconv.Atoi(last)
	if !ok || err != nil || n < 0 || len(a.body) == 0 || a.status != http.StatusOK || r.Method != http.MethodGet {
		return 0, false
	}
	return min(n, len(a.body)-1) + 1, true
}

// unchanged evaluates a conditional request (RFC 9110 section 13.2.2).
func (a answer) unchanged(r *http.Request) bool {
	if tags := r.Header.Get("If-None-Match"); tags != "" {
		return a.header.Get("ETag") != "" && strings.Contains(tags, a.header.Get("ETag"))
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(a.header.Get("Last-Modified"))
	return err == nil && !modified.After(since.Add(time.Second-1))
}
