package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// conditionalMux registers the operations of the API with conditional answers.
type conditionalMux struct{ *http.ServeMux }

// HandleFunc is what the library registers an operation with.
func (m conditionalMux) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, conditional(http.HandlerFunc(h)))
}

// conditional gives every good answer an ETag and answers 304 to those who have it. The
// ETag is weak: the same answer goes out in several encodings.
func conditional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		held := &heldAnswer{header: w.Header()}
		next.ServeHTTP(held, r)
		if held.status != 0 && held.status != http.StatusOK {
			w.WriteHeader(held.status)
			// Only a client that went away can make this fail.
			_, _ = w.Write(held.body.Bytes())
			return
		}
		sum := sha256.Sum256(held.body.Bytes())
		w.Header().Set("ETag", `W/"`+hex.EncodeToString(sum[:12])+`"`)
		modified, err := http.ParseTime(w.Header().Get("Last-Modified"))
		if err != nil {
			modified = time.Time{} // there is none
		}
		http.ServeContent(w, r, "", modified, bytes.NewReader(held.body.Bytes()))
	})
}

// heldAnswer keeps an answer back until it is whole.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer to come.
func (h *heldAnswer) Header() http.Header { return h.header }

// WriteHeader keeps the first status.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write keeps the body.
func (h *heldAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }
