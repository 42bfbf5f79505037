package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"path"
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
}

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
	w.WriteHeader(a.status)
	// A client that hangs up early is the test's business, not ours.
	sent.Bytes, _ = w.Write(a.body)
	return sent
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
