// Package insync is the reference consumer of a hub's change log: it follows /api/v1/changes
// and proves that it holds what the hub holds.
//
// In flow the answers of a hub; out flow a verdict and, where wanted, the state to go on
// from. It keeps of each resource only what the proof needs. It must not know how a hub is
// made: all it uses is the contract of the API.
package insync

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// State is what a consumer keeps between visits.
type State struct {
	URL     string               `json:"url"`
	After   int64                `json:"after"` // number of the last change taken
	Entries map[record.ID]*Entry `json:"entries"`
}

// Entry is the last known state of one resource.
type Entry struct {
	Seq     int64  `json:"seq"`
	Source  string `json:"source"`
	Deleted bool   `json:"deleted,omitempty"`
}

// Report is what following a hub came to.
type Report struct {
	URL     string        `json:"url"`
	Taken   int           `json:"taken"` // changes taken this time
	Seq     int64         `json:"seq"`   // last of them
	Live    int           `json:"live"`
	Deleted int           `json:"deleted"`
	Sources int           `json:"sources"`
	InSync  bool          `json:"inSync"`
	Faults  []string      `json:"faults,omitempty"` // where the hub breaks the contract, or what is missing
	Took    time.Duration `json:"-"`
}

// Getter is the HTTP client.
type Getter interface {
	Get(context.Context, fetch.Request) (*fetch.Response, error)
}

// Follower follows one hub.
type Follower struct {
	Get    Getter
	Header map[string]string // an API key, for example
	// Resource, if not nil, sees each live resource as it comes, as bytes of JSON.
	Resource func(id record.ID, doc []byte) error
}

// The parts of the API's answers that the proof needs.
type (
	page struct {
		Items  []item  `json:"items"`
		Next   int64   `json:"next"`
		Schema string  `json:"schema"`
		Digest *digest `json:"digest"`
	}
	item struct {
		Seq      int64           `json:"seq"`
		Stamp    time.Time       `json:"stamp"`
		ID       record.ID       `json:"id"`
		Source   string          `json:"source"`
		Deleted  bool            `json:"deleted"`
		Resource json.RawMessage `json:"resource"`
	}
	digest struct {
		Seq     int64          `json:"seq"`
		Sources []sourceDigest `json:"sources"`
	}
	sourceDigest struct {
		Source  string `json:"source"`
		Live    int    `json:"live"`
		Deleted int    `json:"deleted"`
		Digest  string `json:"digest"`
	}
)

// pageSize is the most that the API gives at a time. mostWaits bounds how often a hub that
// changes all the time is asked again for an answer that ends its log.
const (
	pageSize  = 1000
	mostWaits = 500
)

// Follow takes everything that changed since the state and compares the digests. The state
// moves on even when they differ. Faults are no errors: an error means that the hub could
// not be followed.
func (f Follower) Follow(ctx context.Context, st *State) (Report, error) {
	st.URL = strings.TrimRight(st.URL, "/")
	if st.Entries == nil {
		st.Entries = map[record.ID]*Entry{}
	}
	r := Report{URL: st.URL}
	var stamp time.Time
	for waits := 0; waits < mostWaits; {
		p, err := f.page(ctx, st)
		if err != nil {
			return r, err
		}
		if err := f.take(st, p, &stamp, &r); err != nil {
			return r, err
		}
		if p.Digest != nil {
			r.compare(st, *p.Digest)
			return r, nil
		}
		if len(p.Items) < pageSize {
			waits++
		}
	}
	return r, errors.New("the hub changed each time it was asked for the end of its log; ask again later")
}

// page asks for the next page of the change log.
func (f Follower) page(ctx context.Context, st *State) (p page, err error) {
	address := fmt.Sprintf("%s/api/v1/changes?after=%d&limit=%d", st.URL, st.After, pageSize)
	if _, err := url.Parse(address); err != nil {
		return p, fmt.Errorf("following %s: %w", st.URL, err)
	}
	res, err := f.Get.Get(ctx, fetch.Request{
		URL: address, Accept: "application/json", Header: f.Header,
		Politeness: fetch.Politeness{MinDelay: fetch.Duration(20 * time.Millisecond), MaxBytes: 256 << 20},
	})
	if err != nil {
		return p, fmt.Errorf("following %s: %w", st.URL, err)
	}
	if res.Status != http.StatusOK {
		return p, fmt.Errorf("following %s: it answered with status %d: is it the address of a hub?", st.URL, res.Status)
	}
	if err := json.Unmarshal(res.Body, &p); err != nil {
		return p, fmt.Errorf("following %s: the answer is no change log: %w", st.URL, err)
	}
	return p, nil
}

// take applies one page to the state.
func (f Follower) take(st *State, p page, stamp *time.Time, r *Report) error {
	if p.Schema != record.SchemaVersion {
		r.fault("the schema has version %q, and not %q", p.Schema, record.SchemaVersion)
	}
	for _, it := range p.Items {
		switch {
		case it.Seq <= st.After:
			r.fault("change %d comes behind %d", it.Seq, st.After)
		case it.Stamp.Before(*stamp):
			r.fault("the date of change %d goes back", it.Seq)
		case it.Deleted == (len(it.Resource) > 0):
			r.fault("change %d is neither a resource nor a withdrawal", it.Seq)
		}
		if len(it.Resource) > 0 {
			var head struct{ ID record.ID }
			if err := json.Unmarshal(it.Resource, &head); err != nil || head.ID != it.ID {
				r.fault("change %d of %s brings the resource %q", it.Seq, it.ID, head.ID)
			}
			if f.Resource != nil {
				if err := f.Resource(it.ID, it.Resource); err != nil {
					return err
				}
			}
		}
		st.Entries[it.ID] = &Entry{it.Seq, it.Source, it.Deleted}
		st.After, *stamp = it.Seq, it.Stamp
		r.Taken++
	}
	if len(p.Items) > 0 && p.Next != st.After {
		r.fault("next is %d behind change %d", p.Next, st.After)
	}
	return nil
}

// mostFaults are listed; more say nothing new.
const mostFaults = 20

func (r *Report) fault(format string, args ...any) {
	if len(r.Faults) < mostFaults {
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	}
}

// compare holds what the state says against the digests of the hub.
func (r *Report) compare(st *State, want digest) {
	type sum struct {
		live, deleted int
		xor           [32]byte
	}
	have := map[string]*sum{}
	for id, e := range st.Entries {
		s := have[e.Source]
		if s == nil {
			s = &sum{}
			have[e.Source] = s
		}
		if e.Deleted {
			s.deleted++
			r.Deleted++
		} else {
			s.live++
			r.Live++
		}
		s.xor = record.XOR(s.xor, record.EntryDigest(id, e.Seq, e.Deleted))
	}
	r.Seq, r.Sources = st.After, len(have)
	for _, w := range slices.SortedFunc(slices.Values(want.Sources), func(a, b sourceDigest) int { return cmp.Compare(a.Source, b.Source) }) {
		s := have[w.Source]
		delete(have, w.Source)
		switch {
		case s == nil:
			r.fault("nothing is here of %s, which has %d live and %d withdrawn", w.Source, w.Live, w.Deleted)
		case s.live != w.Live || s.deleted != w.Deleted:
			r.fault("%s has %d live and %d withdrawn; here are %d and %d", w.Source, w.Live, w.Deleted, s.live, s.deleted)
		case hex.EncodeToString(s.xor[:]) != w.Digest:
			r.fault("the digests of %s differ", w.Source)
		}
	}
	for source := range have {
		r.fault("the hub knows nothing of %s any more", source)
	}
	slices.Sort(r.Faults)
	r.InSync = len(r.Faults) == 0
}
