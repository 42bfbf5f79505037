package exporter

import (
	"context"
	"sync"
)

// Receipt is what one request was given: which parts of the change log its entries come from,
// and how many they were. It says nothing of the entries themselves.
type Receipt struct {
	mu      sync.Mutex
	parts   []Part
	records int
	format  string
}

// Part is a part of the change log, both ends included.
type Part struct{ First, Last int64 }

// Served returns what was written down: the parts, how many records, and their last format.
func (r *Receipt) Served() (parts []Part, records int, format string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts, r.records, r.format
}

type receiptKey struct{}

// WithReceipt returns a context whose requests are written down in r.
func WithReceipt(ctx context.Context, r *Receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}

// Served writes down that entries with numbers from first to last were served in a format, if
// anybody wants to know.
func Served(ctx context.Context, format string, first, last int64, records int) {
	r, ok := ctx.Value(receiptKey{}).(*Receipt)
	if !ok || records == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = append(r.parts, Part{first, last})
	r.records += records
	r.format = format
}
