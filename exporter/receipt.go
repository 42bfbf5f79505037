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
}

// Part is a part of the change log, both ends included.
type Part struct{ First, Last int64 }

// Served returns what was written down.
func (r *Receipt) Served() (parts []Part, records int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parts, r.records
}

type receiptKey struct{}

// WithReceipt returns a context whose requests are written down in r.
func WithReceipt(ctx context.Context, r *Receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}

// Served writes down that entries with numbers from first to last were served, if anybody
// wants to know: known consumers only.
func Served(ctx context.Context, first, last int64, records int) {
	r, ok := ctx.Value(receiptKey{}).(*Receipt)
	if !ok || records == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = append(r.parts, Part{first, last})
	r.records += records
}
